'use strict'

// A newcomer's path: pack, install in an empty project, paste the ten lines of the README, put load
// on it.

const test = require('node:test')
const assert = require('node:assert/strict')
const { spawn, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const http = require('node:http')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { ROOT } = require('./helpers/child')

const LOAD_MS = 75_000
const RATE = 200
const MAX_OPEN = 50
const LEAK = `const requestLog = []
app.use(function logEverything(req, res, next) {
  requestLog.push({ at: Date.now(), url: req.url, timings: Array(500).fill(0) })
  next()
})`

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

function command(name, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(name, args, {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    shell: process.platform === 'win32',
  })
  return {
    ok: error === undefined && status === 0,
    stdout,
    why: `${name} ${args[0]}: ${error ?? stderr}`,
  }
}

/** The tarball's path. */
function pack(dir) {
  const { ok, why } = command('npm', ['pack', '--ignore-scripts', '--pack-destination', dir], ROOT)
  assert.ok(ok, why)
  const [tarball] = fs.readdirSync(dir).filter((name) => name.endsWith('.tgz'))
  assert.ok(tarball, 'npm pack wrote no tarball')
  return path.join(dir, tarball)
}

function install(tarball, project) {
  fs.writeFileSync(path.join(project, 'package.json'), '{ "name": "newcomer", "private": true }')
  const flags = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=optional']
  const home = path.join(project, 'node_modules', 'leakguard')
  if (!command('npm', ['install', ...flags, tarball], project).ok || !fs.existsSync(home)) {
    // Some npm versions refuse offline although nothing is to be fetched: the same files, by hand.
    fs.mkdirSync(home, { recursive: true })
    const { ok, why } = command('tar', ['-xzf', tarball, '-C', home, '--strip-components=1'], project)
    assert.ok(ok, why)
  }
  // The binary comes in a platform package, which offline cannot be had: this checkout's own stands
  // in.
  for (const name of fs.readdirSync(ROOT).filter((each) => each.endsWith('.node'))) {
    fs.copyFileSync(path.join(ROOT, name), path.join(home, name))
  }
  const express = path.join(ROOT, 'node_modules', 'express')
  fs.symlinkSync(express, path.join(project, 'node_modules', 'express'), 'junction')
}

/** The README's ten lines, with the leaking middleware in front of every route. */
function app() {
  const readme = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8')
  const block = /<!-- ten lines -->\s*```js\r?\n([\s\S]*?)```/.exec(readme)
  assert.ok(block, 'README.md has no ten lines')
  const lines = block[1].trimEnd().split(/\r?\n/)
  assert.ok(lines.length <= 10, `the ten lines are ${lines.length}`)
  const at = lines.findIndex((line) => line.startsWith('const app = express()'))
  assert.ok(at >= 0, 'the ten lines make no app')
  return [...lines.slice(0, at + 1), LEAK, ...lines.slice(at + 1)].join('\n')
}

/** A port that was free a moment ago: the README's app prints nothing to read one from. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

function load(url) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
  let open = 0
  const timer = setInterval(() => {
    for (let sent = 0; sent < RATE / 20 && open < MAX_OPEN; sent++) {
      open += 1
      http
        .get(url, { agent }, (response) => response.resume())
        .on('error', () => {})
        .on('close', () => (open -= 1))
    }
  }, 50)
  return () => {
    clearInterval(timer)
    agent.destroy()
  }
}

async function ask(url) {
  try {
    const response = await fetch(url, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(5000),
    })
    return await response.json()
  } catch {
    // Not up yet, or busy.
    return null
  }
}

test('a newcomer packs, installs, pastes ten lines, and /health names the leak', { timeout: 240_000 }, async (t) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakguard-pack-'))
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }))
  const project = path.join(dir, 'project')
  fs.mkdirSync(project)
  install(pack(dir), project)
  const main = path.join(project, 'app.js')
  fs.writeFileSync(main, app())

  const port = await freePort()
  const child = spawn(process.execPath, [main], {
    cwd: project,
    env: {
      ...process.env,
      LEAKGUARD: '',
      NODE_OPTIONS: '',
      LEAKGUARD_PRESET: 'dev',
      PORT: String(port),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  let ended = false
  const closed = new Promise((resolve) => child.once('close', resolve)).then(() => (ended = true))
  t.after(() => {
    child.kill('SIGKILL')
    return closed
  })

  const origin = `http://127.0.0.1:${port}`
  const stop = load(`${origin}/`)
  t.after(stop)
  let body = null
  const names = () => body?.suspects?.[0]?.frames?.some((frame) => frame.function === 'logEverything')
  for (const from = performance.now(); performance.now() - from < LOAD_MS && !names();) {
    await sleep(1000)
    assert.ok(!ended, `the app ended: ${stderr}`)
    body = (await ask(`${origin}/health`)) ?? body
  }
  const seen = JSON.stringify({
    state: body?.state,
    notes: body?.notes,
    output: body?.output,
    suspects: body?.suspects,
  })
  assert.ok(names(), `suspects[0] does not name logEverything: ${seen} ${stderr}`)
})
