'use strict'

/**
 * The one guard of this thread: `watch()` starts it, or finds it and merges the options into it.
 *
 * It is kept on `process`, which every thread has one of, so that two copies of the package (two paths,
 * two versions in one tree) share a guard instead of nudging and sampling twice.
 */

const { isOff, merge, normalize } = require('./options')

const KEY = Symbol.for('leakguard.guard')

/** Starts watching this thread, or changes what can change on the guard that already does. */
function watch(options) {
  const running = current()
  if (running !== undefined) {
    running.reconfigure(merge(running.options, options))
    return running
  }
  const full = normalize(options)
  const guard = create(full)
  Object.defineProperty(process, KEY, { value: guard, configurable: true, enumerable: false, writable: true })
  return guard
}

/** The guard of this thread, if it is being watched. */
function current() {
  return process[KEY]
}

function create(options) {
  if (isOff()) {
    const { InertGuard } = require('./inert')
    return new InertGuard(options, forget)
  }
  const native = require('./native').load()
  const { Guard } = require('./guard')
  return new Guard(options, native, forget)
}

function forget(stopped) {
  if (process[KEY] === stopped) process[KEY] = undefined
}

module.exports = { watch, current }
