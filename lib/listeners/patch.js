'use strict'

// The wrappers around `on` and its kin, in place only while armed. They call through first and then read a
// length; only past the threshold do they tell anybody. once() and prependOnceListener() call these through
// `this`, so they need no wrapper of their own, and a class that overrides `on` calls up into them.

const { EventEmitter } = require('node:events')
const { count } = require('./read')

const PLACES = [
  [EventEmitter.prototype, ['on', 'addListener', 'prependListener'], emitterLength],
  [EventTarget.prototype, ['addEventListener'], count],
]

// One for the thread: two watchers would only stack two wrappers on each other.
const state = { armed: false, threshold: Infinity, seen: null, inside: false, passes: 0 }
const placed = []

/** -> reasons why something could not be patched; empty when all is in place. */
function arm(threshold, seen) {
  state.threshold = threshold
  state.seen = seen
  const refused = []
  if (!state.armed && !reaches()) refused.push(...place())
  state.armed = true
  return refused
}

/** Puts the original properties back where ours still stand; where somebody patched over them, ours only pass. */
function disarm() {
  state.armed = false
  state.seen = null
  for (let i = placed.length - 1; i >= 0; i--) {
    const { owner, name, wrapper, original } = placed[i]
    const held = Object.getOwnPropertyDescriptor(owner, name)
    if (held?.value !== wrapper) continue
    if (Reflect.defineProperty(owner, name, original)) placed.splice(i, 1)
  }
}

/**
 * Whether wrappers of an earlier arming are still called, under somebody else's patch: then a second layer must
 * not be laid. A throwaway emitter is asked, because nothing else can see through a foreign function.
 */
function reaches() {
  if (placed.length === 0) return false
  const before = state.passes
  try {
    new EventEmitter().on('leakguard', reaches)
  } catch {
    return false
  }
  return state.passes > before
}

function place() {
  const refused = []
  for (const [owner, names, length] of PLACES) {
    const wrappers = new Map()
    for (const name of names) {
      const original = Object.getOwnPropertyDescriptor(owner, name)
      if (typeof original?.value !== 'function') {
        refused.push(`${name} is not a plain method`)
        continue
      }
      // `on` and `addListener` are one function in Node, and must stay one.
      const wrapper = wrappers.get(original.value) ?? wrap(original.value, length)
      wrappers.set(original.value, wrapper)
      if (Reflect.defineProperty(owner, name, { ...original, value: wrapper })) {
        placed.push({ owner, name, wrapper, original })
      } else {
        refused.push(`${name} is frozen`)
      }
    }
  }
  return refused
}

function wrap(original, length) {
  const wrapper = function (type, listener) {
    // The plain call is the one that V8 inlines; more arguments are passed on as they came.
    const plain = arguments.length === 2
    const result = plain ? original.call(this, type, listener) : Reflect.apply(original, this, arguments)
    state.passes++
    if (state.armed && !state.inside) look(this, type, length)
    return result
  }
  for (const name of ['name', 'length']) {
    Object.defineProperty(wrapper, name, { value: original[name], configurable: true })
  }
  return wrapper
}

function look(target, type, length) {
  // A getter of the app's, run by our read, may itself add listeners: those are not looked at.
  state.inside = true
  try {
    const total = length(target, type)
    if (total > state.threshold) state.seen?.(target, type, total)
  } catch {
    // Whatever a strange emitter throws at a read concerns nobody: the listener has been added.
  } finally {
    state.inside = false
  }
}

/** The bare length of Node's own array: cheaper than listenerCount(), and exact for what is added to. */
function emitterLength(emitter, type) {
  const list = emitter._events?.[type]
  return typeof list === 'object' && list !== null ? list.length : 1
}

module.exports = {
  arm,
  disarm,
  get armed() {
    return state.armed
  },
}
