'use strict'

const test = require('node:test')
const assert = require('node:assert/strict')
const { run } = require('./helpers/child')

const EAGER = '{ preset: "dev", warmup: 0, floorInterval: 20, interval: 20, gcBudget: 1 }'

test('a nudged floor is the live size that an atomic collection finds, and the lift is not in it', async () => {
  const { code, json, stderr } = await run(
    `const live = Array.from({ length: 3e5 }, (_, i) => ({ i, text: 'x' + i }))
    const buffers = Array.from({ length: 40 }, () => Buffer.alloc(1 << 20))
    const guard = leakguard().watch({ ...${EAGER}, profile: 'off' })
    const floors = []
    const alive = setInterval(() => live.length, 1000)
    guard.on('floor', (floor) => {
      if (floor.natural) return
      floors.push(floor)
      if (floors.length < 6) return
      clearInterval(alive)
      guard.stop()
      gc()
      const { heapUsed, external } = process.memoryUsage()
      const { heap, external: seen } = floors[5]
      say({ heap: heap / heapUsed, external: seen / external, live: live.length + buffers.length })
    })`,
    { args: ['--expose-gc'] },
  )
  assert.equal(code, 0, stderr)
  assert.ok(Math.abs(json.heap - 1) < 0.05, `heap ${json.heap}`)
  assert.ok(Math.abs(json.external - 1) < 0.02, `external ${json.external}`)
})

test('natural collections are floors too, and with gcBudget 0 they are the only ones', async () => {
  const { code, json, stderr } = await run(
    `const guard = leakguard().watch({ gcBudget: 0, interval: 100, profile: 'off' })
    const kinds = []
    guard.on('floor', (floor) => kinds.push(floor.natural))
    const timer = setInterval(() => {
      if (kinds.length < 2) return gc()
      clearInterval(timer)
      say({ kinds, floors: guard.report().self.floors })
      guard.stop()
    }, 200)`,
    { args: ['--expose-gc'] },
  )
  assert.equal(code, 0, stderr)
  assert.ok(json.kinds.length >= 2 && json.kinds.every(Boolean), JSON.stringify(json))
  assert.equal(json.floors.nudged, 0)
})

test('the lift shows in no figure and is taken back, also when stop() comes in the middle of a nudge', async () => {
  const { code, json, stderr } = await run(`
    const keep = Array.from({ length: 4e5 }, (_, i) => ({ i }))
    const { adjust } = require(ROOT + '/lib/native').load()
    const before = adjust(0)
    const shown = process.memoryUsage().external
    const guard = leakguard().watch({ ...${EAGER}, profile: 'off' })
    const tick = setInterval(() => {
      const lift = guard.report().self.nudge.lift
      if (keep.length === 0 || lift === 0) return
      clearInterval(tick)
      const during = adjust(0) - before
      const external = guard.sample().external - shown
      guard.stop()
      say({ lift, during, external, after: adjust(0) - before })
    }, 1)`)
  assert.equal(code, 0, stderr)
  assert.ok(json.lift >= 70 * 2 ** 20 && json.during >= json.lift, JSON.stringify(json))
  assert.ok(Math.abs(json.external) < 5 * 2 ** 20, `the lift shows in a sample: ${json.external}`)
  assert.ok(Math.abs(json.after) < 5 * 2 ** 20, `the lift was not taken back: ${json.after}`)
})

test('watch() twice gives the same guard with the options merged; stop() twice is fine; then it can start anew', async () => {
  const { code, json, stderr } = await run(`
    const { watch } = leakguard()
    const a = watch({ interval: 500 })
    const b = watch({ name: 'api', limits: { warn: 0.5, critical: 0.8 } })
    const name = a.report().name
    a.stop(); a.stop()
    const c = watch()
    say({ same: a === b, name, anew: c !== a, interval: a.options.interval })
    c.stop()`)
  assert.equal(code, 0, stderr)
  assert.deepEqual(json, { same: true, name: 'api', anew: true, interval: 500 })
})

test('using disposes: Symbol.dispose stops the guard', async () => {
  const { code, json, stderr } = await run(`
    const { watch } = leakguard()
    const guard = watch()
    guard[Symbol.dispose ?? Symbol.for('nodejs.dispose')]()
    say({ off: guard.report().self.off })`)
  assert.equal(code, 0, stderr)
  assert.ok(json.off.some(({ what }) => what === 'guard'))
})

test('a leak in a function is called a leak and the function is named, while a healthy twin stays steady', async () => {
  const source = (leaks) => `
    const kept = []
    let i = 0
    // Called by the timer itself: V8's sampler counts an inlined function as its caller.
    function remember() {
      for (let n = 0; n < 20; n++, i++) {
        const rows = []
        for (let k = 0; k < 60; k++) rows.push({ k, v: i * k })
        ${leaks ? 'kept.push' : 'void'} ({ i, rows })
      }
    }
    const guard = leakguard().watch({ ...${EAGER}, floorInterval: 50 })
    const events = []
    for (const name of ['suspect', 'leak', 'recovered']) guard.on(name, () => events.push(name))
    const timer = setInterval(remember, 5)
    const began = Date.now()
    setTimeout(function look() {
      const report = guard.report()
      const floors = report.self.floors.nudged + report.self.floors.natural
      if (report.state !== 'leaking' && Date.now() - began < 25000 && !(${!leaks} && floors > 90)) return setTimeout(look, 100)
      clearInterval(timer)
      say({ state: report.state, events, floors, title: report.suspects[0]?.title, frame: report.suspects[0]?.frames?.[0], rate: report.verdict.bytesPerMinute, eta: report.verdict.etaSeconds, reasons: report.reasons })
      guard.stop()
    }, 500)`
  const leaky = await run(source(true))
  assert.equal(leaky.code, 0, leaky.stderr)
  assert.equal(leaky.json.state, 'leaking', JSON.stringify(leaky.json))
  assert.deepEqual(leaky.json.events.slice(0, 2), ['suspect', 'leak'])
  assert.match(leaky.json.title, /remember/)
  assert.ok(leaky.json.rate > 0 && leaky.json.eta > 0)
  const healthy = await run(source(false))
  assert.equal(healthy.code, 0, healthy.stderr)
  assert.equal(healthy.json.state, 'steady', JSON.stringify(healthy.json))
  assert.deepEqual(healthy.json.events, [])
})

test('Buffers that pile up outside the heap are called a leak of external memory', async () => {
  const { code, json, stderr } = await run(`
    const kept = []
    function receive() { kept.push(Buffer.alloc(200_000, 1)) }
    const guard = leakguard().watch({ ...${EAGER}, floorInterval: 50 })
    const timer = setInterval(receive, 5)
    const began = Date.now()
    setTimeout(function look() {
      const report = guard.report()
      if (report.state !== 'leaking' && Date.now() - began < 25000) return setTimeout(look, 100)
      clearInterval(timer)
      say({ state: report.state, suspects: report.suspects })
      guard.stop()
    }, 500)`)
  assert.equal(code, 0, stderr)
  assert.equal(json.state, 'leaking')
  assert.ok(
    json.suspects.some(({ kind }) => kind === 'external'),
    JSON.stringify(json.suspects),
  )
})

test("ten minutes' worth of samples, floors and verdicts leave its own heap and RSS flat", async () => {
  const { code, json, stderr } = await run(
    `const guard = leakguard().watch({ ...${EAGER}, floorInterval: 10, profile: 'always' })
    const figures = () => { gc(); gc(); const m = process.memoryUsage(); return { heap: m.heapUsed, rss: m.rss } }
    const work = async (samples) => {
      for (let i = 0; i < samples; i++) {
        guard.sample()
        if (i % 10 === 0) guard.report()
        if (i % 5 === 0) await sleep(2)
      }
    }
    ;(async () => {
      await work(1200)
      const before = figures()
      await work(1200)
      const after = figures()
      const own = guard.report().self.bytes
      say({ heap: after.heap - before.heap, rss: after.rss - before.rss, own, floors: guard.report().self.floors })
      guard.stop()
    })()`,
    { args: ['--expose-gc'], timeout: 120_000 },
  )
  assert.equal(code, 0, stderr)
  assert.ok(json.heap < 300_000, `its heap grew by ${json.heap} bytes`)
  assert.ok(json.rss < 24 * 2 ** 20, `RSS grew by ${json.rss} bytes`)
  assert.ok(json.own > 0 && json.own < 5 * 2 ** 20, `own bytes ${json.own}`)
})

test("the old generation's limit is found for flags, NODE_OPTIONS, percentages and workers", async () => {
  const ask = `const { oldGenerationLimit } = require(ROOT + '/lib/heap-limit'); say(oldGenerationLimit() / 2 ** 20)`
  const [major] = process.versions.node.split('.').map(Number)
  for (const [args, NODE_OPTIONS, expected] of [
    [['--max-old-space-size=64'], '', 64],
    [['--max-old-space-size=300'], '', 300],
    [['--max-old-space-size=300', '--max-semi-space-size=32'], '', 300],
    [['--max-old-space-size=300', '--max-semi-space-size=5'], '', 300],
    [[], '--max-old-space-size=2000', 2000],
    [['--max_old_space_size=500'], '--max-semi-space-size=8', 500],
  ]) {
    const { json } = await run(ask, { args, env: { NODE_OPTIONS } })
    assert.equal(json, expected, `${args} ${NODE_OPTIONS}`)
  }
  if (major >= 22) {
    const os = require('node:os')
    const constrained = process.constrainedMemory()
    const room = constrained > 0 && constrained < os.totalmem() ? constrained : os.totalmem()
    const { json } = await run(ask, { args: ['--max-old-space-size-percentage=25'] })
    assert.ok(Math.abs(json / (room / 4 / 2 ** 20) - 1) < 0.05, `25 %: ${json}`)
  }
  const { json } = await run(`
    const { Worker } = require('worker_threads')
    const worker = new Worker('require("worker_threads").parentPort.postMessage(require(' + JSON.stringify(ROOT + '/lib/heap-limit') + ').oldGenerationLimit() / 2 ** 20)', { eval: true, resourceLimits: { maxOldGenerationSizeMb: 77 } })
    worker.once('message', say)`)
  assert.equal(json, 77)
})
