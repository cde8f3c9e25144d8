'use strict'

// Processes of the benchmark: each answers by IPC, and none outlives its parent.

const { fork } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')

const children = new Set()
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')))

/** Starts a script of this folder; `flags` are Node's. */
function start(file, args = [], flags = []) {
  const child = fork(path.join(__dirname, file), args.map(String), {
    execArgv: flags,
    // Measured are the defaults of the code, not the variables of a shell.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LEAKGUARD'))),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** Sends a message, if there is one, and resolves with the next answer. */
async function ask(child, message) {
  // Whichever comes first, the other one's listeners go.
  const over = new AbortController()
  const { signal } = over
  const ended = once(child, 'exit', { signal }).then(([code, by]) => {
    throw new Error(`a process of the benchmark ended with ${by ?? code}`)
  })
  const answered = once(child, 'message', { signal })
  if (message !== undefined) child.send(message)
  try {
    const [answer] = await Promise.race([answered, ended])
    return answer
  } finally {
    over.abort()
    await Promise.allSettled([answered, ended])
  }
}

/** Starts a script, resolves with its one answer, and ends it. */
async function result(file, args, flags) {
  const child = start(file, args, flags)
  const answer = await ask(child)
  child.kill()
  return answer
}

module.exports = { ask, result, start }
