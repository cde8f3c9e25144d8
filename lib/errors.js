'use strict'

// The errors that users meet: TypeError or RangeError with a stable `code`, in Node's own wording, so that a
// message reads the same whether it comes from Node or from here.

const MAX_SHOWN = 60

/** Names a value as Node does: short, never invoking user code (no toString, no getters). */
function shown(value) {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}...` : value)
  }
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'symbol') return value.toString()
  if (Object.is(value, -0)) return '-0'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function coded(error, code) {
  // Own, visible to JSON loggers, and not enumerable noise in console.log: the way Node sets it.
  Object.defineProperty(error, 'code', { value: code, enumerable: true, writable: true, configurable: true })
  return error
}

/** Bare names are options; a name that says what it is ('argument', 'option') stands as it is. */
function subject(name) {
  return name.includes(' ') ? name : `"${name}" option`
}

function invalidType(name, expected, received) {
  const message = `The ${subject(name)} must be ${expected}. Received ${shown(received)}`
  return coded(new TypeError(message), 'ERR_LEAKGUARD_INVALID_ARG_TYPE')
}

function outOfRange(name, expected, received) {
  const message = `The ${subject(name)} must be ${expected}. Received ${shown(received)}`
  return coded(new RangeError(message), 'ERR_LEAKGUARD_OUT_OF_RANGE')
}

function unknownOption(name, known, where = 'options') {
  const near = nearest(name, known)
  const hint = near === undefined ? `Known are: ${known.join(', ')}` : `Did you mean "${near}"?`
  return coded(new TypeError(`Unknown name "${name}" in ${where}. ${hint}`), 'ERR_LEAKGUARD_OPTION_UNKNOWN')
}

function conflict(name, current, next) {
  const message =
    `The "${name}" option cannot be changed on the running guard: it is ${shown(current)}, ` +
    `asked for ${shown(next)}. Call guard.stop() first, or give both calls the same value`
  return coded(new TypeError(message), 'ERR_LEAKGUARD_GUARD_CONFLICT')
}

function stateError(code, message, options) {
  return coded(new Error(message, options), code)
}

/** The known name that is at most two edits away (one for short names), or undefined. */
function nearest(name, known) {
  const wanted = String(name).toLowerCase()
  const limit = wanted.length < 5 ? 1 : 2
  let best
  let least = limit + 1
  for (const candidate of known) {
    const distance = edits(wanted, candidate.toLowerCase(), limit)
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

/** Levenshtein distance, given up once the lengths alone exceed `limit`. */
function edits(a, b, limit) {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(change, previous[j] + 1, row[j - 1] + 1))
    }
    previous = row
  }
  return previous[b.length]
}

module.exports = { conflict, invalidType, nearest, outOfRange, shown, stateError, unknownOption }
