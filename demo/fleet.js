'use strict'

// The servers, one process each, and the load on them. Whatever happens, `end()` leaves no child
// behind.

const { fork } = require('node:child_process')
const path = require('node:path')

const PATIENCE = 15_000
const STDERR_KEPT = 4000

class Fleet {
  #children = new Set()
  servers = []

  /** Starts `names` and resolves once every one has told its port. */
  async start(names) {
    this.servers = await Promise.all(names.map((name) => this.#launch(name)))
  }

  /** Starts the load: `plan` maps a server's name to its targets. */
  load(plan) {
    const targets = this.servers.flatMap(({ name, url }) =>
      plan[name].map(({ path: where, ...rest }) => ({ ...rest, url: url + where })),
    )
    this.#fork('load.js', [JSON.stringify(targets)])
  }

  /** Asks every server for its /health; a miss leaves the last answer. */
  async poll() {
    await Promise.all(
      this.servers.map(async (server) => {
        try {
          const response = await fetch(`${server.url}/health`, {
            signal: AbortSignal.timeout(3000),
          })
          server.health = await response.json()
        } catch {
          // Busy or gone: `dead` tells which.
        }
      }),
    )
  }

  end() {
    // SIGKILL: one of them has thousands of SIGTERM listeners, which is the point of it.
    for (const child of this.#children) child.kill('SIGKILL')
    this.#children.clear()
  }

  #launch(name) {
    const child = this.#fork(path.join('servers', `${name}.js`))
    const server = { name, url: null, health: null, dead: null }
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr = (stderr + text).slice(-STDERR_KEPT)))
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} did not start in time\n${stderr}`)), PATIENCE)
      child.once('message', ({ port }) => {
        clearTimeout(timer)
        server.url = `http://127.0.0.1:${port}`
        resolve(server)
      })
      // 'close', not 'exit': by then all of stderr has been read.
      child.once('close', (code, signal) => {
        clearTimeout(timer)
        server.dead = `${name} ended with ${signal ?? code}\n${stderr}`
        reject(new Error(server.dead))
      })
    })
  }

  #fork(file, args = []) {
    const child = fork(path.join(__dirname, file), args, {
      // The demo shows the code's own options: variables of the shell must not change them.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LEAKGUARD'))),
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#children.add(child)
    // Read, or a child that warns a lot would block on a full pipe.
    child.stderr.resume()
    child.on('error', () => this.#children.delete(child))
    child.on('exit', () => this.#children.delete(child))
    return child
  }
}

module.exports = { Fleet }
