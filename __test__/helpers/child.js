'use strict'

const { spawn } = require('node:child_process')
const path = require('node:path')

const ROOT = path.resolve(__dirname, '../..')

/**
 * Runs `source` in a process of its own, where `leakguard` is this checkout, and resolves with
 * `{ code, signal, stdout, stderr, json }`; `json` is the last line of stdout that is JSON.
 */
function run(source, { args = [], env = {}, timeout = 60_000, cwd = ROOT } = {}) {
  return new Promise((resolve, reject) => {
    const prelude = `const ROOT = ${JSON.stringify(ROOT)}; const leakguard = () => require(ROOT);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const say = (value) => console.log(JSON.stringify(value));\n`
    const child = spawn(process.execPath, [...args, '-e', prelude + source], {
      cwd,
      env: { ...process.env, LEAKGUARD: '', LEAKGUARD_PRESET: '', NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
    const guard = setTimeout(() => child.kill('SIGKILL'), timeout)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(guard)
      resolve({ code, signal, stdout, stderr, json: lastJson(stdout) })
    })
  })
}

function lastJson(text) {
  for (const line of text.trim().split('\n').reverse()) {
    try {
      return JSON.parse(line)
    } catch {
      // Not that line.
    }
  }
  return undefined
}

module.exports = { run, ROOT }
