'use strict'

// Runs commands one after another with visible progress: what begins, what is still running, how
// long it took. Plain Node, because it runs before anything is installed.

const { spawn } = require('node:child_process')
const path = require('node:path')

const ROOT = path.dirname(__dirname)
const HEARTBEAT = 20_000

const seconds = (from) => `${((Date.now() - from) / 1000).toFixed(1)} s`

/** Runs one command in the checkout, its output as it comes; resolves with whether it went well. */
async function step(title, command, args, { env = {} } = {}) {
  const from = Date.now()
  console.log(`\n=== ${title}`)
  const beat = setInterval(() => console.log(`... ${title}: still running after ${seconds(from)}`), HEARTBEAT)
  const outcome = await new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
      // npm and its tools are .cmd files there, which only a shell can start.
      shell: process.platform === 'win32' && !path.isAbsolute(command),
    })
    child.on('error', (error) => resolve(`could not start ${command}: ${error.message}`))
    child.on('exit', (code, signal) => resolve(code === 0 ? '' : `ended with ${signal ?? code}`))
  })
  clearInterval(beat)
  console.log(`=== ${title}: ${outcome === '' ? 'done' : outcome} in ${seconds(from)}`)
  return outcome === ''
}

/** Says why nothing more can be done, and ends. */
function fail(message) {
  console.error(`\n${message}`)
  process.exit(1)
}

module.exports = { ROOT, fail, seconds, step }
