'use strict'

// What the rest of leakguard and its users ask about listeners. How they are read: lib/listeners/read.js; how
// they are watched: lib/listeners/watch.js.

const { invalidType, outOfRange, unknownOption } = require('./errors')
const { countListeners } = require('./listeners/read')
const { ListenerWatch, glance, running } = require('./listeners/watch')

const MAX_THRESHOLD = 1_000_000

/** Emitters past the threshold, the fullest first, as ListenerReport. */
function hotListeners(options = {}) {
  const threshold = check(options)
  const trends = reported()
  const hot = []
  for (const row of rows()) {
    if (row.count <= threshold) continue
    const { className, event, count, origin, frames } = row
    const { perMinute = null, rising = false } = trends.get(`${className}#${event}`) ?? {}
    hot.push({ className, event, count, perMinute, threshold, origin, rising, ...(frames && { frames }) })
  }
  return hot.sort((a, b) => b.count - a.count)
}

function check(options) {
  if (options === null || typeof options !== 'object') throw invalidType('"options" argument', 'an object', options)
  for (const name of Object.keys(options)) {
    if (name !== 'threshold') throw unknownOption(name, ['threshold'], 'the options of hotListeners()')
  }
  const { threshold = 10 } = options
  const expected = `an integer from 1 to ${MAX_THRESHOLD}`
  if (typeof threshold !== 'number') throw invalidType('threshold', expected, threshold)
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > MAX_THRESHOLD) {
    throw outOfRange('threshold', expected, threshold)
  }
  return threshold
}

/** What the running watch knows; without one, a single look at what lives as long as the process. */
function rows() {
  const [watch] = running
  return watch === undefined ? glance() : watch.census()
}

/** Trends are the Monitor's: they are in the current guard's report, if there is a guard. */
function reported() {
  try {
    const guard = running.size === 0 ? undefined : require('./watch').current()
    const found = guard?.report().listeners ?? []
    return new Map(found.map((each) => [`${each.className}#${each.event}`, each]))
  } catch {
    return new Map()
  }
}

module.exports = { ListenerWatch, countListeners, hotListeners }
