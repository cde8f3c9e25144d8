'use strict'

const test = require('node:test')
const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { run, ROOT } = require('./helpers/child')

const EAGER = '{ preset: "dev", warmup: 0, floorInterval: 20, interval: 20, gcBudget: 1 }'
const [major] = process.versions.node.split('.').map(Number)

test('a panic in Rust becomes a JavaScript error and the process lives on', async () => {
  const { code, json, stderr } = await run(`
    const native = require(ROOT + '/lib/native').load()
    let caught
    try { native.panicOnPurpose() } catch (error) { caught = error }
    const guard = leakguard().watch()
    say({ isError: caught instanceof Error, state: guard.report().state })`)
  assert.equal(code, 0, stderr)
  assert.deepEqual(json, { isError: true, state: 'warming' })
})

test('the process ends when the app is done, in the middle of a nudge and with everything armed', async () => {
  const { code, signal, stderr } = await run(`
    const keep = Array.from({ length: 2e5 }, (_, i) => ({ i }))
    const guard = leakguard().watch({ ...${EAGER}, profile: 'always', listeners: true })
    setTimeout(() => keep.length, 300)`)
  assert.equal(signal, null, 'killed by the time limit: something kept the process alive')
  assert.equal(code, 0, stderr)
})

test('process.exit in the middle of a nudge is clean', async () => {
  const { code, stderr } = await run(`
    const guard = leakguard().watch(${EAGER})
    setInterval(() => guard, 1000)
    guard.on('floor', () => setTimeout(() => process.exit(7), 3))`)
  assert.equal(code, 7, stderr)
})

test('fifty workers that are terminated while they are sampled and nudged leave the process alive', async () => {
  const { code, json, stderr } = await run(
    `const { Worker } = require('worker_threads')
    const source = 'const keep = Array.from({ length: 5e4 }, (_, i) => ({ i }));'
      + 'require(' + JSON.stringify(ROOT) + ').watch({ ...${EAGER}, profile: "always" });'
      + 'setInterval(() => keep.length, 5); require("worker_threads").parentPort.postMessage(1)'
    ;(async () => {
      leakguard().watch(${EAGER})
      let done = 0
      for (let round = 0; round < 10; round++) {
        await Promise.all(Array.from({ length: 5 }, async (_, k) => {
          const worker = new Worker(source, { eval: true })
          await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
          await sleep(k * 7)
          await worker.terminate()
          done++
        }))
      }
      say({ done })
    })()`,
    { timeout: 120_000 },
  )
  assert.equal(code, 0, stderr)
  assert.deepEqual(json, { done: 50 })
})

test('a handler that throws or rejects becomes one warning, and the next handler is still called', async () => {
  const { code, json, stderr } = await run(`
    const warnings = []
    process.on('warning', (w) => warnings.push(w.code))
    const guard = leakguard().watch(${EAGER})
    let heard = 0
    guard.on('floor', () => { throw new Error('the app is broken here') })
    guard.on('floor', async () => { throw new Error('and here') })
    guard.on('floor', () => heard++)
    setTimeout(() => { guard.stop(); say({ heard: heard > 2, warnings }) }, 1500)`)
  assert.equal(code, 0, stderr)
  assert.equal(json.heard, true)
  assert.deepEqual(json.warnings, ['LEAKGUARD_HANDLER_THREW'])
})

test('two copies of the package share one guard', async () => {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'leakguard-copy-'))
  try {
    for (const name of fs.readdirSync(ROOT)) {
      if (/^(lib|index\.js|package\.json|.*\.node)$/.test(name)) {
        fs.cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true })
      }
    }
    const { code, json, stderr } = await run(`
      const a = leakguard().watch()
      const b = require(${JSON.stringify(copy)}).watch({ name: 'late' })
      say({ same: a === b, name: b.report().name })
      b.stop()
      say({ same: a === b, again: leakguard().watch() !== a })`)
    assert.equal(code, 0, stderr)
    assert.deepEqual(json, { same: true, again: true })
  } finally {
    fs.rmSync(copy, { recursive: true, force: true })
  }
})

test('a heap sampler that somebody else runs is read, and still runs after stop()', async () => {
  const { code, json, stderr } = await run(`
    const { Session } = require('inspector')
    const theirs = new Session()
    theirs.connect()
    theirs.post('HeapProfiler.startSampling', { samplingInterval: 65536 })
    const guard = leakguard().watch({ ...${EAGER}, profile: 'always' })
    const keep = []
    const timer = setInterval(() => keep.push(Array.from({ length: 1000 }, (_, i) => ({ i }))), 5)
    setTimeout(() => {
      clearInterval(timer)
      const foreign = guard.report().self.profile.foreign
      guard.stop()
      let samples = null
      theirs.post('HeapProfiler.getSamplingProfile', (error, answer) => { samples = error ? -1 : answer.profile.samples.length })
      say({ foreign, alive: samples > 0 })
    }, 800)`)
  assert.equal(code, 0, stderr)
  assert.deepEqual(json, { foreign: true, alive: true })
})

test('logged objects are not kept alive while the profile is armed', async () => {
  const { code, json, stderr } = await run(
    `const guard = leakguard().watch({ ...${EAGER}, profile: 'always' })
    const refs = []
    const log = console.debug
    for (let i = 0; i < 50; i++) { const thing = { i }; refs.push(new WeakRef(thing)); console.error(thing) }
    setTimeout(() => {
      gc()
      setTimeout(() => { gc(); say({ kept: refs.filter((r) => r.deref()).length }); guard.stop() }, 200)
    }, 500)`,
    { args: ['--expose-gc'] },
  )
  assert.equal(code, 0, stderr)
  assert.ok(json.kept <= 1, `${json.kept} of 50 logged objects were kept`)
})

test('fake timers and a clock that jumps back do not disturb it', async () => {
  const { code, json, stderr } = await run(`
    const guard = leakguard().watch(${EAGER})
    const real = Date.now
    Date.now = () => 0
    performance.now = () => -5
    globalThis.setTimeout = () => { throw new Error('a fake timer') }
    const wait = new Promise((done) => setImmediate(function spin() {
      guard.report().self.samples > 10 ? done() : setImmediate(spin)
    }))
    wait.then(() => { const r = guard.report(); say({ ok: r.at > 1e12, floors: r.self.floors.nudged > 0 }); guard.stop() })`)
  assert.equal(code, 0, stderr)
  assert.equal(json.ok, true)
})

test('under --frozen-intrinsics it watches, and says what it cannot do', async () => {
  const { code, json, stderr } = await run(
    `const guard = leakguard().watch({ ...${EAGER}, listeners: true })
    setTimeout(() => { say({ state: guard.report().state, samples: guard.report().self.samples > 2 }); guard.stop() }, 500)`,
    { args: ['--frozen-intrinsics'] },
  )
  assert.equal(code, 0, stderr)
  assert.equal(json.samples, true)
})

test('under the permission model the app starts, one warning is given, and health says so', async () => {
  const flag = major >= 24 ? '--permission' : '--experimental-permission'
  const { code, json, stderr } = await run(
    `const warnings = []
    process.on('warning', (w) => warnings.push(w.code))
    const { health } = leakguard()
    const middleware = health()
    health()
    const answer = {}
    const res = { setHeader() {}, writeHead(status) { answer.status = status }, end(body) { answer.body = body } }
    middleware({ method: 'GET', url: '/health', headers: {}, socket: {} }, res)
    setImmediate(() => say({ code: answer.status ?? res.statusCode, status: JSON.parse(answer.body).status, warnings: warnings.filter((c) => /LEAKGUARD/.test(c)) }))`,
    { args: [flag, '--allow-fs-read=*'] },
  )
  assert.equal(code, 0, stderr)
  assert.deepEqual(json, { code: 200, status: 'warn', warnings: ['LEAKGUARD_BINARY_MISSING'] })
})

test('LEAKGUARD=off gives a guard that does nothing and says so', async () => {
  const { code, json, stderr } = await run(
    `const guard = leakguard().watch({ profile: 'always', listeners: true })
    const report = guard.report()
    say({ state: report.state, why: report.reasons, natively: Object.keys(require.cache).some((f) => f.endsWith('.node')) })
    guard.stop(); guard.stop()`,
    { env: { LEAKGUARD: 'off' } },
  )
  assert.equal(code, 0, stderr)
  assert.equal(json.state, 'off')
  assert.match(json.why[0], /LEAKGUARD=off/)
  assert.equal(json.natively, false)
})
