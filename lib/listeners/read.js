'use strict'

// Reads listener counts from an emitter or event target, and never changes or keeps anything. Node's own
// prototype methods are used, captured here, so that a subclass that overrides them, or a patch that comes
// later, cannot lie, throw or run.

const { EventEmitter } = require('node:events')
const { invalidType, stateError } = require('../errors')

const { eventNames, listenerCount, rawListeners } = EventEmitter.prototype
const apply = Reflect.apply
const MAX_NAME = 100

// A target's listeners live in a map under this symbol, the same on every target of Node 20 to 26. Public API
// (events.getEventListeners) asks for a type and so cannot enumerate. Undefined if Node ever renames it.
const kEvents = Object.getOwnPropertySymbols(new EventTarget()).find((symbol) => symbol.description === 'kEvents')

// leakguard's own listeners on `process`: subtracted from what is said about the app.
const own = new WeakSet()

/** The map of a Node EventTarget (AbortSignal, MessagePort, ...), or undefined for anything else. */
function targetEvents(target) {
  const map = kEvents === undefined ? undefined : target[kEvents]
  // Node's map has no Map in its prototype chain, so it is known by what it can do.
  return typeof map?.get === 'function' && typeof map.keys === 'function' ? map : undefined
}

/** Listeners of one event; 0 when there are none or they cannot be read. */
function count(target, event) {
  try {
    return exactly(target, event)
  } catch {
    return 0
  }
}

function exactly(target, event) {
  const map = targetEvents(target)
  if (map !== undefined) return map.get(event)?.size ?? 0
  const total = apply(listenerCount, target, [event])
  return target === process && event === 'warning' ? total - ownCount() : total
}

function ownCount() {
  let found = 0
  for (const listener of apply(rawListeners, process, ['warning'])) if (own.has(listener)) found++
  return found
}

/** The keys (strings and symbols) of all events that have listeners. Throws what the target throws. */
function events(target) {
  const map = targetEvents(target)
  if (map !== undefined) return [...map.keys()]
  if (target._eventsCount !== undefined) return apply(eventNames, target, [])
  if (kEvents === undefined && target instanceof EventTarget) throw new Error('this Node keeps them elsewhere')
  return []
}

function isTarget(value) {
  try {
    // The map of a target may come with its first listener only (AbortSignal, from Node 24 on).
    return value instanceof EventEmitter || value instanceof EventTarget
  } catch {
    return false
  }
}

/** Emitters of other makes (eventemitter3, another realm) are asked by the two methods that they share. */
function isForeign(value) {
  try {
    return typeof value.eventNames === 'function' && typeof value.listenerCount === 'function'
  } catch {
    return false
  }
}

function countListeners(target) {
  const usable = (typeof target === 'object' && target !== null) || typeof target === 'function'
  const ours = usable && isTarget(target)
  if (!ours && !(usable && isForeign(target))) {
    throw invalidType('"target" argument', 'an EventEmitter or an EventTarget', target)
  }
  try {
    const keys = ours ? events(target) : target.eventNames()
    const counts = new Map()
    for (const key of keys) {
      const found = ours ? exactly(target, key) : Number(target.listenerCount(key))
      const name = eventName(key)
      if (found > 0) counts.set(name, (counts.get(name) ?? 0) + found)
    }
    // fromEntries defines properties, so that an event called __proto__ is a key like any other.
    return Object.fromEntries(counts)
  } catch (cause) {
    throw stateError('ERR_LEAKGUARD_TARGET_UNREADABLE', 'The listeners of this target cannot be read', { cause })
  }
}

function eventName(key) {
  const name = typeof key === 'symbol' ? `Symbol(${key.description ?? ''})` : String(key)
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}...` : name
}

/** The constructor's name, found without running a getter of the app. */
function className(target) {
  try {
    for (let at = target; at !== null; at = Object.getPrototypeOf(at)) {
      const made = Object.getOwnPropertyDescriptor(at, 'constructor')?.value
      if (typeof made !== 'function') continue
      const name = Object.getOwnPropertyDescriptor(made, 'name')?.value
      if (typeof name === 'string' && name !== '') return name.slice(0, MAX_NAME)
    }
  } catch {
    // A Proxy may refuse: it then has no name.
  }
  return '(anonymous)'
}

module.exports = { className, count, countListeners, eventName, events, isTarget, kEvents, own }
