'use strict'

const test = require('node:test')
const assert = require('node:assert/strict')
const { isOff, merge, normalize } = require('../lib/options')
const { run } = require('./helpers/child')

const TYPE = 'ERR_LEAKGUARD_INVALID_ARG_TYPE'
const RANGE = 'ERR_LEAKGUARD_OUT_OF_RANGE'
const UNKNOWN = 'ERR_LEAKGUARD_OPTION_UNKNOWN'

test('without options the production preset is complete and frozen', () => {
  const options = normalize(undefined, {})
  assert.deepEqual(options, {
    preset: 'production',
    interval: 1000,
    floorInterval: 120_000,
    gcBudget: 0.01,
    maxPause: 50,
    forkPause: 150,
    warmup: 600_000,
    listeners: { mode: 'auto', threshold: 10 },
    profile: 'auto',
    probe: 'auto',
    limits: { warn: 0.7, critical: 0.9 },
    evidence: false,
    restart: null,
    name: null,
    version: null,
  })
  assert.ok(Object.isFrozen(options))
  assert.ok(Object.isFrozen(options.limits))
  assert.equal(options.given.size, 0)
})

test('explicit options win over variables, and these over the preset', () => {
  const env = { LEAKGUARD_PRESET: 'dev', LEAKGUARD_WARMUP: '1234', LEAKGUARD_INTERVAL: '700', LEAKGUARD_NAME: 'env' }
  const options = normalize({ interval: 900, name: undefined }, env)
  assert.equal(options.interval, 900)
  assert.equal(options.warmup, 1234)
  assert.equal(options.floorInterval, 2000)
  assert.equal(options.profile, 'always')
  assert.equal(options.name, 'env')
  assert.deepEqual([...options.given], ['interval'])
  assert.equal(normalize({ preset: 'production' }, env).floorInterval, 120_000)
})

test('every wrong option throws with its code and its name', () => {
  const cases = [
    [null, TYPE, 'options'],
    [[], TYPE, 'options'],
    ['dev', TYPE, 'options'],
    [{ interval: '1000' }, TYPE, 'interval'],
    [{ interval: NaN }, RANGE, 'interval'],
    [{ interval: -1 }, RANGE, 'interval'],
    [{ interval: 100.5 }, RANGE, 'interval'],
    [{ interval: Infinity }, RANGE, 'interval'],
    [{ interval: 1000n }, TYPE, 'interval'],
    [{ floorInterval: 0 }, RANGE, 'floorInterval'],
    [{ gcBudget: 1.1 }, RANGE, 'gcBudget'],
    [{ gcBudget: NaN }, RANGE, 'gcBudget'],
    [{ gcBudget: -0.1 }, RANGE, 'gcBudget'],
    [{ maxPause: 0 }, RANGE, 'maxPause'],
    [{ forkPause: {} }, TYPE, 'forkPause'],
    [{ warmup: -1 }, RANGE, 'warmup'],
    [{ preset: 'fast' }, RANGE, 'preset'],
    [{ preset: 1 }, TYPE, 'preset'],
    [{ profile: true }, TYPE, 'profile'],
    [{ probe: 'never' }, RANGE, 'probe'],
    [{ listeners: 'never' }, RANGE, 'listeners'],
    [{ listeners: 10 }, TYPE, 'listeners'],
    [{ listeners: null }, TYPE, 'listeners'],
    [{ listeners: { threshold: 0 } }, RANGE, 'listeners.threshold'],
    [{ limits: { warn: 2 } }, RANGE, 'limits.warn'],
    [{ limits: { warn: 0.9, critical: 0.5 } }, RANGE, 'limits.warn'],
    [{ limits: 0.5 }, TYPE, 'limits'],
    [{ evidence: true }, TYPE, 'evidence'],
    [{ evidence: {} }, TYPE, 'evidence.dir'],
    [{ evidence: { dir: '' } }, RANGE, 'evidence.dir'],
    [{ evidence: { dir: 'a', keep: 0 } }, RANGE, 'evidence.keep'],
    [{ evidence: { dir: 'a', snapshots: 1 } }, TYPE, 'evidence.snapshots'],
    [{ restart: { drain: 'soon' } }, TYPE, 'restart.drain'],
    [{ restart: { atShare: 0 } }, RANGE, 'restart.atShare'],
    [{ name: 7 }, TYPE, 'name'],
    [{ version: 'x'.repeat(201) }, RANGE, 'version'],
  ]
  for (const [options, code, name] of cases) {
    assert.throws(
      () => normalize(options, {}),
      (error) => {
        assert.equal(error.code, code, JSON.stringify(error.message))
        assert.ok(error instanceof (code === RANGE ? RangeError : TypeError))
        assert.ok(error.message.includes(`"${name}" `), error.message)
        return true
      },
    )
  }
})

test('an unknown option is named with what was probably meant, in members too', () => {
  assert.throws(() => normalize({ intervall: 1 }, {}), { code: UNKNOWN, message: /Did you mean "interval"\?/ })
  assert.throws(() => normalize({ limits: { critcal: 1 } }, {}), {
    code: UNKNOWN,
    message: /Did you mean "critical"\?/,
  })
  assert.throws(() => normalize({ constructor: 1 }, {}), { code: UNKNOWN })
})

test('what is valid takes its full shape', () => {
  const options = normalize(
    { listeners: { threshold: 50 }, limits: { warn: 0.95 }, evidence: { dir: 'out' }, restart: {}, gcBudget: 0 },
    {},
  )
  assert.deepEqual(options.listeners, { mode: 'auto', threshold: 50 })
  assert.deepEqual(options.limits, { warn: 0.95, critical: 0.95 })
  assert.deepEqual(options.evidence, { dir: 'out', maxBytes: 67_108_864, keep: 10, snapshots: false })
  assert.deepEqual(options.restart, { atShare: 0.9, drain: null, timeout: 30_000 })
  assert.equal(normalize({ listeners: true }, {}).listeners.mode, 'armed')
  assert.equal(normalize({ listeners: false }, {}).listeners.mode, 'off')
})

test('a second call merges what can change, and clashes only over what was given explicitly', () => {
  const first = normalize({ warmup: 5000, name: 'a' }, {})
  const merged = merge(first, { name: 'b', interval: 200, warmup: 5000 }, {})
  assert.equal(merged.name, 'b')
  assert.equal(merged.interval, 200)
  assert.equal(merged.warmup, 5000)
  assert.deepEqual([...merged.given].sort(), ['interval', 'name', 'warmup'])
  assert.throws(() => merge(merged, { warmup: 6000 }, {}), {
    code: 'ERR_LEAKGUARD_GUARD_CONFLICT',
    message: /"warmup"/,
  })
  assert.throws(() => merge(merged, { warmup: 'x' }, {}), { code: TYPE })
})

test("a preload's defaults and variables never clash, and a later preset brings its own defaults", () => {
  const preload = normalize(undefined, { LEAKGUARD_WARMUP: '7000', LEAKGUARD_NAME: 'env' })
  const merged = merge(preload, { preset: 'dev', warmup: 1000 }, {})
  assert.equal(merged.warmup, 1000)
  assert.equal(merged.floorInterval, 2000)
  assert.equal(merged.name, 'env', 'the variables of the first call still stand')
  assert.deepEqual(merge(preload, undefined, {}), preload)
})

test('bad variables are ignored and said in one warning with a code', async () => {
  const { code, stderr, json } = await run(
    `const { normalize } = require(ROOT + '/lib/options')
    const seen = []
    process.on('warning', ({ code, message }) => seen.push({ code, message }))
    const { interval, warmup, listeners, gcBudget } = normalize()
    normalize()
    setImmediate(() => say({ interval, warmup, listeners, gcBudget, seen }))`,
    {
      args: ['--no-warnings'],
      env: {
        LEAKGUARD_INTERVAL: 'soon',
        LEAKGUARD_WARMUP: '-5',
        LEAKGUARD_GC_BUDGT: '0.5',
        LEAKGUARD_LISTENERS: '25',
        LEAKGUARD_UNRELATED_TO_US: '1',
        LEAKGUARD_GC_BUDGET: ' ',
      },
    },
  )
  assert.equal(code, 0, stderr)
  assert.equal(json.interval, 1000)
  assert.equal(json.warmup, 600_000)
  assert.equal(json.gcBudget, 0.01)
  assert.deepEqual(json.listeners, { mode: 'auto', threshold: 25 })
  assert.equal(json.seen.length, 1)
  assert.equal(json.seen[0].code, 'LEAKGUARD_VARIABLE_IGNORED')
  const { message } = json.seen[0]
  for (const part of ['LEAKGUARD_INTERVAL', 'LEAKGUARD_WARMUP', 'LEAKGUARD_GC_BUDGT', 'LEAKGUARD_GC_BUDGET']) {
    assert.ok(message.includes(part), message)
  }
  assert.ok(!message.includes('UNRELATED'), message)
})

test('listeners by variable: words and numbers', () => {
  const modes = { on: 'armed', TRUE: 'armed', off: 'off', no: 'off', auto: 'auto', 12: 'auto' }
  for (const [value, mode] of Object.entries(modes)) {
    assert.equal(normalize({}, { LEAKGUARD_LISTENERS: value }).listeners.mode, mode, value)
  }
})

test('LEAKGUARD=off is understood in its usual spellings, and nothing else is', () => {
  for (const word of ['off', 'OFF', '0', 'false', ' no ']) assert.equal(isOff({ LEAKGUARD: word }), true, word)
  for (const word of [undefined, '', 'on', '1', 'offline']) assert.equal(isOff({ LEAKGUARD: word }), false, word)
})
