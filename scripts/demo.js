'use strict'

// `npm run demo`: sets up, then shows the main job. The demo's exit code is the answer.

const path = require('node:path')
const { spawn } = require('node:child_process')
const { setup } = require('./setup')
const { ROOT, fail } = require('./steps')

setup().then(
  () => {
    const demo = path.join(ROOT, 'demo', 'index.js')
    const child = spawn(process.execPath, [demo], { cwd: ROOT, stdio: 'inherit' })
    // A Ctrl+C goes to both; the demo ends its servers, then this ends with its code.
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
    child.on('exit', (code) => process.exit(code ?? 1))
  },
  (error) => fail(error.stack),
)
