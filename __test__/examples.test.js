'use strict'

const test = require('node:test')
const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const path = require('node:path')
const { ROOT } = require('./helpers/child')

const STATES = ['warming', 'steady', 'suspect', 'leaking', 'recovered']

/** Starts an example on a free port; resolves with its origin once it has printed its address. */
function start(t, file, { args = [], env = {} } = {}) {
  const child = spawn(process.execPath, [...args, path.join(ROOT, 'examples', file)], {
    cwd: ROOT,
    env: { ...process.env, LEAKGUARD: '', NODE_OPTIONS: '', ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  t.after(() => {
    child.kill('SIGKILL')
    return ended
  })
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      const found = /(http:\/\/127\.0\.0\.1:\d+)\/.*\n/.exec(stdout)
      if (found !== null) resolve(found[1])
    })
    child.once('close', (code) => reject(new Error(`${file} ended with ${code}: ${stderr}`)))
  })
}

/** The keep-alive connections of fetch would outlive the test. */
async function get(url) {
  return fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(10_000) })
}

async function json(url) {
  const response = await get(url)
  assert.equal(response.status, 200)
  return response.json()
}

function assertHealthy(body, name) {
  assert.equal(body.output, undefined)
  assert.equal(body.serviceId, name)
  assert.ok(STATES.includes(body.state), body.state)
  assert.ok(body.memory.heapUsed > 0)
  assert.equal(body.verdict.leak, false)
}

test('the Express example shows its health in three forms', { timeout: 60_000 }, async (t) => {
  const origin = await start(t, 'express.js')
  assertHealthy(await json(`${origin}/health`), 'express-example')
  assert.equal((await json(`${origin}/live`)).status, 'pass')
  assert.ok((await json(`${origin}/ready`)).checks)
  assert.equal(await (await get(origin)).text(), 'hello')
})

test('the http example shows its health and its metrics', { timeout: 60_000 }, async (t) => {
  const origin = await start(t, 'http.js')
  assertHealthy(await json(`${origin}/health`), 'http-example')
  assert.match(await (await get(`${origin}/metrics`)).text(), /^leakguard_up 1$/m)
})

test('the worker example shows every thread', { timeout: 60_000 }, async (t) => {
  const origin = await start(t, 'worker.js')
  assertHealthy(await json(`${origin}/health`), 'main')
  let threads = []
  // The workers report when they have started; the timeout of the test is the bound.
  while (threads.length < 3 && !t.signal.aborted) {
    await new Promise((done) => setTimeout(done, 100))
    ;({ threads } = await json(`${origin}/threads`))
  }
  assert.deepEqual(threads.map(({ name }) => name).sort(), ['main', 'worker 1', 'worker 2'])
  assert.equal(new Set(threads.map(({ threadId }) => threadId)).size, 3)
})

test('the register example is watched by the preload alone', { timeout: 60_000 }, async (t) => {
  for (const flag of ['--import', '-r']) {
    const origin = await start(t, path.join('register', 'app.js'), {
      args: [flag, 'leakguard/register'],
      env: { LEAKGUARD_NAME: 'shop' },
    })
    assertHealthy(await json(`${origin}/health`), 'shop')
  }
})
