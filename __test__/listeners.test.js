'use strict'

const test = require('node:test')
const assert = require('node:assert/strict')
const { EventEmitter, once } = require('node:events')
const { countListeners, hotListeners } = require('..')
const { ListenerWatch } = require('../lib/listeners')
const sites = require('../lib/listeners/sites')
const { run } = require('./helpers/child')

const METHODS = ['on', 'addListener', 'prependListener', 'once', 'prependOnceListener', 'off', 'removeListener']
const nothing = () => {}
const fill = (emitter, event, count) => {
  for (let i = 0; i < count; i++) emitter.on(event, () => {})
}
const quiet = () => new EventEmitter().setMaxListeners(0)

/** A watch that is stopped with the test. */
function started(t, options) {
  const watch = new ListenerWatch(options)
  t.after(() => watch.stop())
  watch.start()
  return watch
}

test('countListeners reads emitters, with once, symbols and odd names', () => {
  const emitter = new EventEmitter()
  emitter.on('a', nothing)
  emitter.once('a', nothing)
  emitter.prependListener('b', nothing)
  emitter.on(Symbol('s'), nothing)
  emitter.on(Symbol('s'), nothing)
  emitter.on('__proto__', nothing)
  const counts = countListeners(emitter)
  assert.deepEqual(Object.entries(counts).sort(), [
    ['Symbol(s)', 2],
    ['__proto__', 1],
    ['a', 2],
    ['b', 1],
  ])
  emitter.removeAllListeners()
  assert.deepEqual(countListeners(emitter), {})
})

test('countListeners reads event targets, abort signals and message ports', () => {
  const target = new EventTarget()
  target.addEventListener('x', () => {})
  target.addEventListener('x', () => {}, { once: true })
  target.addEventListener('y', { handleEvent() {} })
  assert.deepEqual(countListeners(target), { x: 2, y: 1 })
  target.dispatchEvent(new Event('x'))
  assert.deepEqual(countListeners(target), { x: 1, y: 1 })
  const { signal } = new AbortController()
  assert.deepEqual(countListeners(signal), {})
  signal.addEventListener('abort', nothing)
  signal.onabort = nothing
  assert.deepEqual(countListeners(signal), { abort: 2 })
  const { port1 } = new MessageChannel()
  port1.on('message', nothing)
  assert.equal(countListeners(port1).message, 1)
  port1.close()
})

test('a subclass that overrides the counting methods or throws in them is counted all the same', () => {
  class Odd extends EventEmitter {
    listenerCount() {
      throw new Error('no')
    }
    eventNames() {
      return ['lie']
    }
  }
  const odd = new Odd()
  odd.on('a', nothing)
  assert.deepEqual(countListeners(odd), { a: 1 })
  assert.deepEqual(countListeners(new Proxy(odd, {})), { a: 1 })
})

test('what is no emitter, or cannot be read, is an error with a code', () => {
  for (const wrong of [undefined, null, 1, 'process', {}, [], nothing]) {
    assert.throws(() => countListeners(wrong), { name: 'TypeError', code: 'ERR_LEAKGUARD_INVALID_ARG_TYPE' })
  }
  const trap = new EventEmitter().on('x', nothing)
  Object.defineProperty(trap, '_events', {
    get() {
      throw new Error('mine')
    },
  })
  assert.throws(() => countListeners(trap), { code: 'ERR_LEAKGUARD_TARGET_UNREADABLE' })
  const foreign = { eventNames: () => ['e'], listenerCount: () => 3 }
  assert.deepEqual(countListeners(foreign), { e: 3 })
})

test('hotListeners checks its options', () => {
  assert.throws(() => hotListeners(null), { code: 'ERR_LEAKGUARD_INVALID_ARG_TYPE' })
  assert.throws(() => hotListeners({ threshold: '3' }), { code: 'ERR_LEAKGUARD_INVALID_ARG_TYPE' })
  assert.throws(() => hotListeners({ threshold: 0 }), { code: 'ERR_LEAKGUARD_OUT_OF_RANGE' })
  assert.throws(() => hotListeners({ treshold: 3 }), { code: 'ERR_LEAKGUARD_OPTION_UNKNOWN', message: /"threshold"/ })
})

test('hotListeners without a guard knows process', (t) => {
  const added = Array.from({ length: 5 }, () => () => {})
  for (const listener of added) process.on('leakguard-test', listener)
  t.after(() => process.removeAllListeners('leakguard-test'))
  const [hot] = hotListeners({ threshold: 4 }).filter(({ event }) => event === 'leakguard-test')
  assert.deepEqual(hot, {
    className: 'process',
    event: 'leakguard-test',
    count: 5,
    origin: 'process',
    threshold: 4,
    perMinute: null,
    rising: false,
  })
  assert.deepEqual(
    hotListeners({ threshold: 5 }).filter(({ event }) => event === 'leakguard-test'),
    [],
  )
})

test('process is counted whatever its setMaxListeners, arms by itself, and names the line that adds', (t) => {
  const before = process.getMaxListeners()
  const heard = []
  const watch = started(t, { onHot: (row) => heard.push(row.event) })
  t.after(() => {
    process.setMaxListeners(before)
    process.removeAllListeners('leakguard-socket')
  })
  process.setMaxListeners(0)
  function perSocket() {
    process.on('leakguard-socket', () => {})
  }
  const row = () => watch.census().find(({ event }) => event === 'leakguard-socket')
  for (let i = 0; i < 10; i++) perSocket()
  assert.equal(row().count, 10)
  assert.equal(watch.armed, false)
  perSocket()
  assert.equal(row().count, 11)
  assert.equal(watch.armed, true)
  assert.deepEqual(heard, ['leakguard-socket'])
  perSocket()
  const { className, origin, frames, count } = row()
  assert.deepEqual({ className, origin, count }, { className: 'process', origin: 'process', count: 12 })
  assert.equal(frames[0].function, 'perSocket')
  assert.equal(frames[0].file, __filename)
  assert.ok(frames.every(({ file, line, column }) => !file.startsWith('node:') && line > 0 && column > 0))
  process.removeAllListeners('leakguard-socket')
  assert.equal(row(), undefined, 'removal by any road is seen')
})

test("leakguard's own listener is not the app's", (t) => {
  const before = countListeners(process).warning ?? 0
  const watch = started(t)
  assert.equal(countListeners(process).warning ?? 0, before)
  assert.equal(watch.census().find(({ event }) => event === 'warning')?.count ?? 0, before)
})

test("Node's own warning makes an emitter known, with the line that added, and arms", async (t) => {
  const watch = started(t)
  const emitter = new EventEmitter()
  const target = new EventTarget()
  function leaky() {
    emitter.on('data', () => {})
    target.addEventListener('abort', () => {})
  }
  const warned = once(process, 'warning')
  for (let i = 0; i < 11; i++) leaky()
  await warned
  await new Promise(setImmediate)
  assert.equal(watch.armed, true)
  for (const [className, event] of [
    ['EventEmitter', 'data'],
    ['EventTarget', 'abort'],
  ]) {
    const row = watch.census().find((each) => each.event === event && each.className === className)
    assert.equal(row.count, 11)
    assert.equal(row.origin, 'warning')
    assert.equal(row.frames[0].function, 'leaky')
    assert.equal(row.frames[0].file, __filename)
  }
})

test('armed, every road of adding is seen, past the threshold only', (t) => {
  const watch = started(t, { mode: 'armed', threshold: 3 })
  const ways = ['on', 'addListener', 'prependListener', 'once', 'prependOnceListener']
  const emitters = ways.map((way) => {
    const emitter = quiet()
    for (let i = 0; i < 4; i++) emitter[way](`by-${way}`, () => {})
    return emitter
  })
  const { signal } = new AbortController()
  for (let i = 0; i < 4; i++) signal.addEventListener('abort', () => {})
  const below = quiet()
  fill(below, 'below', 3)
  const rows = watch.census()
  for (const way of ways) {
    const row = rows.find(({ event }) => event === `by-${way}`)
    assert.deepEqual([row?.count, row?.origin, row?.frames[0].file], [4, 'armed', __filename], way)
  }
  assert.equal(rows.find(({ className }) => className === 'AbortSignal')?.count, 4)
  assert.equal(
    rows.some(({ event }) => event === 'below'),
    false,
  )
  const hot = hotListeners({ threshold: 3 })
  assert.equal(hot.filter(({ event }) => event.startsWith('by-')).length, 5)
  assert.equal(emitters.length, 5)
})

test('armed and disarmed, the methods look, answer and throw as before', (t) => {
  const names = METHODS.map((name) => Object.getOwnPropertyDescriptor(EventEmitter.prototype, name))
  const add = Object.getOwnPropertyDescriptor(EventTarget.prototype, 'addEventListener')
  const watch = started(t, { mode: 'armed', threshold: 2 })
  METHODS.forEach((name, i) => {
    const now = Object.getOwnPropertyDescriptor(EventEmitter.prototype, name)
    assert.deepEqual(
      { ...now, value: [now.value.name, now.value.length] },
      { ...names[i], value: [names[i].value.name, names[i].value.length] },
    )
  })
  assert.equal(EventEmitter.prototype.on, EventEmitter.prototype.addListener)
  assert.equal(EventTarget.prototype.addEventListener.length, add.value.length)
  const emitter = quiet()
  assert.equal(emitter.on('x', nothing), emitter)
  assert.throws(() => emitter.on('x', 'no function'), { code: 'ERR_INVALID_ARG_TYPE' })
  assert.throws(() => EventTarget.prototype.addEventListener.call({}, 'x', nothing), TypeError)
  assert.equal(new EventTarget().addEventListener('x', nothing), undefined)
  watch.stop()
  watch.stop()
  METHODS.forEach((name, i) => {
    assert.deepEqual(Object.getOwnPropertyDescriptor(EventEmitter.prototype, name), names[i])
  })
  assert.deepEqual(Object.getOwnPropertyDescriptor(EventTarget.prototype, 'addEventListener'), add)
})

test('when somebody patches over ours, ours passes through and is not laid twice', (t) => {
  const original = Object.getOwnPropertyDescriptor(EventEmitter.prototype, 'on')
  t.after(() => Object.defineProperty(EventEmitter.prototype, 'on', original))
  const watch = started(t, { mode: 'auto', threshold: 2 })
  watch.arm()
  const ours = EventEmitter.prototype.on
  const theirs = function (...args) {
    return Reflect.apply(ours, this, args)
  }
  EventEmitter.prototype.on = theirs
  watch.disarm()
  assert.equal(EventEmitter.prototype.on, theirs)
  assert.equal(EventEmitter.prototype.addListener, original.value)
  const idle = quiet()
  fill(idle, 'while-disarmed', 5)
  assert.equal(
    watch.census().some(({ event }) => event === 'while-disarmed'),
    false,
  )
  watch.arm()
  assert.equal(EventEmitter.prototype.on, theirs, 'no second layer')
  const busy = quiet()
  fill(busy, 'while-armed', 5)
  assert.equal(watch.census().find(({ event }) => event === 'while-armed')?.count, 5)
  watch.stop()
  assert.equal(EventEmitter.prototype.on, theirs)
})

test('the guard and a hot emitter arm apart: calm of one does not disarm the other', (t) => {
  const watch = started(t)
  watch.arm()
  watch.arm('hot')
  watch.disarm()
  assert.equal(watch.armed, true)
  watch.disarm('hot')
  assert.equal(watch.armed, false)
})

test('strange emitters harm nobody', (t) => {
  const watch = started(t, { mode: 'armed', threshold: 2 })
  const trap = quiet()
  fill(trap, 'x', 2)
  const events = trap._events
  let reads = 0
  Object.defineProperty(trap, '_events', {
    get() {
      if (reads++ > 4) throw new Error('mine')
      return events
    },
    set() {},
  })
  try {
    trap.on('x', nothing)
  } catch (error) {
    assert.equal(error.message, 'mine', 'only what the app itself throws')
  }
  const proxy = new Proxy(quiet(), {
    getPrototypeOf: () => {
      throw new Error('mine')
    },
  })
  fill(proxy, 'y', 4)
  process.emit('warning', null)
  process.emit('warning', { name: 'MaxListenersExceededWarning', emitter: {}, type: 'x' })
  process.emit('warning', {
    name: 'MaxListenersExceededWarning',
    get emitter() {
      throw new Error('mine')
    },
  })
  assert.ok(Array.isArray(watch.census()))
  assert.equal(watch.census().find(({ event }) => event === 'y')?.count, 4)
})

test('the app sees neither Error.prepareStackTrace nor stackTraceLimit change, and its own is not called', (t) => {
  const watch = started(t, { mode: 'armed', threshold: 1 })
  let called = 0
  const prepare = () => {
    called++
    return 'mine'
  }
  const limit = Error.stackTraceLimit
  t.after(() => {
    delete Error.prepareStackTrace
    Error.stackTraceLimit = limit
  })
  Error.prepareStackTrace = prepare
  Error.stackTraceLimit = 0
  const emitter = quiet()
  fill(emitter, 'prepared', 3)
  assert.equal(called, 0)
  assert.equal(Error.prepareStackTrace, prepare)
  assert.equal(Error.stackTraceLimit, 0)
  assert.ok(watch.census().find(({ event }) => event === 'prepared').frames.length > 0)
})

test('tables are bounded, in emitters, rows and stacks, and let go what falls', (t) => {
  const watch = started(t, { mode: 'armed', threshold: 1 })
  const emitters = Array.from({ length: 3000 }, (_, i) => {
    const emitter = quiet()
    fill(emitter, `bounded-${i}`, 2)
    return emitter
  })
  assert.ok(watch.census().length <= 200)
  assert.ok(sites.size <= 500)
  for (const emitter of emitters) emitter.removeAllListeners()
  for (let i = 0; i < 40; i++) watch.census()
  assert.equal(
    watch.census().some(({ event }) => event.startsWith('bounded-')),
    false,
  )
  assert.equal(sites.size, 0)
})

test('an unchanged census keeps its version, and the same rows', (t) => {
  const watch = started(t)
  const rows = watch.census()
  const { version } = watch
  assert.equal(watch.census(), rows)
  assert.equal(watch.version, version)
  process.on('leakguard-version', nothing)
  t.after(() => process.removeAllListeners('leakguard-version'))
  watch.census()
  assert.ok(watch.version > version)
})

test('neither emitters nor listeners are kept alive', async () => {
  const { code, json, stderr } = await run(
    `const { ListenerWatch } = require(ROOT + '/lib/listeners')
    const { EventEmitter } = require('events')
    const watch = new ListenerWatch({ mode: 'armed', threshold: 2 })
    watch.start()
    const refs = []
    ;(function () {
      const emitter = new EventEmitter()
      for (let i = 0; i < 20; i++) {
        const listener = () => {}
        emitter.on('gone', listener)
        refs.push(new WeakRef(listener))
      }
      const long = () => {}
      for (let i = 0; i < 5; i++) process.on('stays', long)
      process.removeAllListeners('stays')
      refs.push(new WeakRef(emitter), new WeakRef(long))
    })()
    const seen = watch.census().length
    setTimeout(() => {
      gc()
      say({ seen, alive: refs.filter((ref) => ref.deref() !== undefined).length, rows: watch.census().filter(({ event }) => event === 'gone').length })
    }, 20)`,
    { args: ['--expose-gc', '--no-warnings'] },
  )
  assert.equal(code, 0, stderr)
  assert.ok(json.seen > 0)
  assert.deepEqual([json.alive, json.rows], [0, 0])
})

test('with --frozen-intrinsics, or frozen prototypes, nothing throws, and what is off is said', async () => {
  for (const [args, freeze] of [
    [['--frozen-intrinsics'], ''],
    [
      [],
      `require('tty')
      for (const [owner, name] of [[require('events').prototype, 'on'], [EventTarget.prototype, 'addEventListener']]) {
        Object.defineProperty(owner, name, { writable: false, configurable: false })
      }`,
    ],
  ]) {
    const { code, json, stderr } = await run(
      `${freeze}
      const { ListenerWatch } = require(ROOT + '/lib/listeners')
      const { EventEmitter } = require('events')
      const watch = new ListenerWatch({ mode: 'armed', threshold: 2 })
      watch.start()
      const emitter = new EventEmitter()
      for (let i = 0; i < 5; i++) { emitter.on('x', () => {}); process.on('leakguard', () => {}) }
      const row = watch.census().find(({ event }) => event === 'leakguard')
      watch.stop()
      say({ count: row.count, off: watch.off })`,
      { args: [...args, '--no-warnings'] },
    )
    assert.equal(code, 0, stderr)
    assert.equal(json.count, 5)
    for (const { what, why } of json.off) assert.ok(what === 'listener stacks' && why.length > 0)
    if (freeze !== '') assert.equal(json.off.length, 2)
  }
})

test('mode off counts nothing and touches nothing', (t) => {
  const on = EventEmitter.prototype.on
  const before = process.listenerCount('warning')
  const watch = started(t, { mode: 'off' })
  watch.arm()
  assert.deepEqual(watch.census(), [])
  assert.equal(watch.armed, false)
  assert.equal(EventEmitter.prototype.on, on)
  assert.equal(process.listenerCount('warning'), before)
})

test('a hot event that grows again after a calm arms again', (t) => {
  const watch = started(t, { threshold: 3 })
  t.after(() => process.removeAllListeners('leakguard-again'))
  fill(process, 'leakguard-again', 4)
  watch.census()
  assert.equal(watch.armed, true)
  for (let i = 0; i < 601; i++) watch.census()
  assert.equal(watch.armed, false, 'calm')
  fill(process, 'leakguard-again', 1)
  watch.census()
  assert.equal(watch.armed, true)
})
