'use strict'

// One rule for each option: what it may be, and the full shape that the rest of the code reads.

const { invalidType, outOfRange, unknownOption } = require('../errors')

const DAY = 86_400_000
// Whole milliseconds. The upper ends keep timers inside Node's 2^31 - 1, and typing errors out.
const INTEGERS = {
  interval: [10, 3_600_000],
  floorInterval: [10, DAY],
  maxPause: [1, 60_000],
  forkPause: [1, 60_000],
  warmup: [0, DAY],
}
const CHOICES = {
  preset: ['production', 'dev'],
  profile: ['auto', 'always', 'off'],
  probe: ['auto', 'inline', 'off'],
}
const SHAPES = { listeners: checkListeners, limits, evidence, restart }
const MAX_TEXT = 200
// Where Node itself warns: more than ten listeners of one event.
const DEFAULT_THRESHOLD = 10

function check(name, value) {
  if (Object.hasOwn(INTEGERS, name)) integer(name, value, ...INTEGERS[name])
  else if (Object.hasOwn(CHOICES, name)) choice(name, value, CHOICES[name])
  else if (Object.hasOwn(SHAPES, name)) SHAPES[name](value)
  else if (name === 'gcBudget') share(name, value, 0)
  else text(name, value)
}

function integer(name, value, min, max) {
  const expected = `an integer from ${min} to ${max}`
  if (typeof value !== 'number') throw invalidType(name, expected, value)
  if (!Number.isInteger(value) || value < min || value > max) throw outOfRange(name, expected, value)
}

/** A part of a whole, from `min` to 1; NaN fails both comparisons. */
function share(name, value, min) {
  const expected = `a number from ${min} to 1`
  if (typeof value !== 'number') throw invalidType(name, expected, value)
  if (!(value >= min && value <= 1)) throw outOfRange(name, expected, value)
}

function choice(name, value, allowed) {
  const expected = `one of ${allowed.map((each) => `"${each}"`).join(', ')}`
  if (typeof value !== 'string') throw invalidType(name, expected, value)
  if (!allowed.includes(value)) throw outOfRange(name, expected, value)
}

function text(name, value) {
  const expected = `a string of at most ${MAX_TEXT} characters`
  if (value !== null && typeof value !== 'string') throw invalidType(name, expected, value)
  if (value !== null && value.length > MAX_TEXT) throw outOfRange(name, expected, value)
}

/** The members of an option that is itself an object; throws on a name that it does not have. */
function members(name, value, expected, known) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw invalidType(name, expected, value)
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw unknownOption(key, known, `the "${name}" option`)
  }
  return value
}

function checkListeners(value) {
  if (typeof value === 'boolean' || value === 'auto') return
  const expected = "'auto', a boolean or an object with a threshold"
  if (typeof value === 'string') throw outOfRange('listeners', expected, value)
  const { threshold } = members('listeners', value, expected, ['threshold'])
  if (threshold !== undefined) integer('listeners.threshold', threshold, 1, 1_000_000)
}

/** -> { mode: 'auto' | 'armed' | 'off', threshold } */
function listeners(value) {
  checkListeners(value)
  const mode = value === true ? 'armed' : value === false ? 'off' : 'auto'
  return Object.freeze({ mode, threshold: value.threshold ?? DEFAULT_THRESHOLD })
}

function limits(value) {
  const { warn, critical } = members('limits', value, 'an object', ['warn', 'critical'])
  if (warn !== undefined) share('limits.warn', warn, 0.01)
  if (critical !== undefined) share('limits.critical', critical, 0.01)
  // One given alone may pass the other's default: the default gives way, an explicit pair must be in order.
  const full = { warn: warn ?? Math.min(0.7, critical ?? 1), critical: critical ?? Math.max(0.9, warn ?? 0) }
  if (full.warn > full.critical) {
    throw outOfRange('limits.warn', `at most limits.critical (${full.critical})`, full.warn)
  }
  return Object.freeze(full)
}

function evidence(value) {
  if (value === false) return false
  const known = ['dir', 'maxBytes', 'keep', 'snapshots']
  const {
    dir,
    maxBytes = 67_108_864,
    keep = 10,
    snapshots = false,
  } = members('evidence', value, 'false or an object with a dir', known)
  if (typeof dir !== 'string') throw invalidType('evidence.dir', 'a string', dir)
  if (dir === '' || dir.includes('\0')) throw outOfRange('evidence.dir', 'the path of a directory', dir)
  integer('evidence.maxBytes', maxBytes, 65_536, Number.MAX_SAFE_INTEGER)
  integer('evidence.keep', keep, 1, 10_000)
  if (typeof snapshots !== 'boolean') throw invalidType('evidence.snapshots', 'a boolean', snapshots)
  return Object.freeze({ dir, maxBytes, keep, snapshots })
}

function restart(value) {
  if (value === null) return null
  const known = ['atShare', 'drain', 'timeout']
  const { atShare = 0.9, drain = null, timeout = 30_000 } = members('restart', value, 'an object', known)
  share('restart.atShare', atShare, 0.01)
  if (drain !== null && typeof drain !== 'function') throw invalidType('restart.drain', 'a function', drain)
  integer('restart.timeout', timeout, 0, 3_600_000)
  return Object.freeze({ atShare, drain, timeout })
}

module.exports = { check, evidence, limits, listeners, restart }
