'use strict'

const test = require('node:test')
const assert = require('node:assert/strict')
const { metrics } = require('..')
const { emptyReport } = require('../lib/inert')
const { fakeGuard, report } = require('./fixtures/report')

const LINE = /^(leakguard_[a-z0-9_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (-?[0-9.e+-]+)$/

/** Parses the exposition format strictly: every sample after its HELP and TYPE, families in one piece. */
function parse(text) {
  assert.ok(text.endsWith('\n'))
  const families = new Map()
  let current
  for (const line of text.trimEnd().split('\n')) {
    const help = /^# HELP (\S+) (.+)$/.exec(line)
    const type = /^# TYPE (\S+) (gauge|counter)$/.exec(line)
    if (help !== null) {
      assert.ok(!families.has(help[1]), `${help[1]} twice`)
      current = { samples: new Map() }
      families.set(help[1], current)
    } else if (type !== null) current.type = type[2]
    else {
      const found = LINE.exec(line)
      assert.ok(found, line)
      assert.equal(families.get(found[1]), current, line)
      assert.ok(!current.samples.has(found[2] ?? ''), `${line}: a series twice`)
      current.samples.set(found[2] ?? '', Number(found[3]))
    }
  }
  for (const [name, { type, samples }] of families) {
    assert.ok(samples.size > 0, name)
    assert.equal(type === 'counter', name.endsWith('_total'), name)
  }
  return families
}

test('the page is valid and says what the report says', () => {
  const families = parse(metrics(fakeGuard()))
  const value = (name, labels = '') => families.get(`leakguard_${name}`)?.samples.get(labels)
  const { memory, verdict, budgets } = report()
  assert.equal(value('up'), 1)
  assert.equal(value('heap_floor_bytes'), memory.floor.bytes)
  assert.equal(value('heap_floor_slope_bytes_per_minute'), verdict.bytesPerMinute)
  assert.equal(value('leak_state', 'state="leaking"'), 1)
  assert.equal(value('leak_state', 'state="steady"'), 0)
  assert.equal(value('pressure', 'level="ok"'), 1)
  assert.equal(value('eta_seconds', 'budget="heap"'), 3600)
  assert.equal(value('budget_bytes', 'budget="container"'), budgets.container.limit)
  assert.equal(value('budget_used_ratio', 'budget="heap"'), budgets.heap.share)
  assert.equal(value('listeners', 'emitter="process",event="SIGTERM"'), 301)
  assert.equal(value('self_floors_total', 'kind="nudged"'), 20)
  assert.equal(value('self_nudge_cpu_seconds_total'), 1.2005)
})

test('labels are escaped', () => {
  assert.ok(metrics(fakeGuard()).includes('leakguard_listeners{emitter="Server",event="a\\"b\\\\c\\nd"} 12\n'))
})

test('what is not known is absent, never NaN', () => {
  const families = parse(metrics(fakeGuard(emptyReport({}, 'off'))))
  assert.equal(families.get('leakguard_up').samples.get(''), 0)
  for (const name of ['heap_floor_bytes', 'eta_seconds', 'budget_bytes', 'listeners']) {
    assert.equal(families.has(`leakguard_${name}`), false, name)
  }
})

test('the number of series is bounded, also over time and with an event for each order', () => {
  const seen = new Set()
  for (let round = 0; round < 50; round++) {
    const listeners = Array.from({ length: 100 }, (_, i) => ({
      className: 'Bus',
      event: `${'abcdefghij'[i % 10]}${'klmnopqrst'[round % 10]}${'uvwxyz'[i % 6]}:${round * 1000 + i + 100_000}`,
      count: 11 + i,
      perMinute: 0,
      threshold: 10,
      origin: 'armed',
      rising: false,
    }))
    const { samples } = parse(metrics(fakeGuard(report({ listeners })))).get('leakguard_listeners') ?? {
      samples: new Map(),
    }
    assert.ok(samples.size <= 20)
    for (const labels of samples.keys()) {
      assert.ok(!/\d{3}/.test(labels), labels)
      seen.add(labels)
    }
  }
  assert.ok(seen.size <= 200)
})

test('it never throws: a page that says so comes instead', async (t) => {
  const warned = []
  const listen = ({ code }) => warned.push(code)
  process.on('warning', listen)
  t.after(() => process.removeListener('warning', listen))
  const broken = fakeGuard(() => {
    throw new Error('mine')
  })
  for (const guard of [broken, fakeGuard(() => ({})), 7]) {
    const families = parse(metrics(guard))
    assert.deepEqual([...families.keys()], ['leakguard_up'])
    assert.equal(families.get('leakguard_up').samples.get(''), 0)
  }
  metrics(broken)
  await new Promise(setImmediate)
  assert.ok(warned.length >= 1 && warned.every((code) => code === 'LEAKGUARD_NOT_WATCHING'), String(warned))
})
