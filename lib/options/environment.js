'use strict'

// LEAKGUARD_* variables. They come from deployments, often far from the code: what is wrong is said once, by
// name, and left out; the app starts.

const { nearest } = require('../errors')
const { warnOnce } = require('../warn')
const rules = require('./rules')

const PREFIX = 'LEAKGUARD_'
const WORDS = { on: true, true: true, yes: true, off: false, false: false, no: false }

const text = (value) => value
const number = (value) => (value.trim() === '' ? NaN : Number(value))
/** 'auto', on/off in the usual spellings, or a number: the threshold. */
const listeners = (value) => {
  const word = value.trim().toLowerCase()
  if (Object.hasOwn(WORDS, word)) return WORDS[word]
  return /^\d+$/.test(word) ? { threshold: Number(word) } : word
}

const VARIABLES = {
  PRESET: ['preset', text],
  INTERVAL: ['interval', number],
  FLOOR_INTERVAL: ['floorInterval', number],
  GC_BUDGET: ['gcBudget', number],
  MAX_PAUSE: ['maxPause', number],
  WARMUP: ['warmup', number],
  LISTENERS: ['listeners', listeners],
  PROFILE: ['profile', text],
  PROBE: ['probe', text],
  NAME: ['name', text],
  VERSION: ['version', text],
}

/** -> the options that the variables set, each one valid. */
function read(env) {
  const values = {}
  const faults = misspelt(env)
  for (const [suffix, [name, parse]] of Object.entries(VARIABLES)) {
    const raw = env[PREFIX + suffix]
    // Set but empty is how compose files and CI pass on a variable that is not set.
    if (raw === undefined || raw === '') continue
    try {
      const value = parse(String(raw))
      rules.check(name, value)
      values[name] = value
    } catch (error) {
      faults.push(`${PREFIX}${suffix}=${String(raw).slice(0, 60)}: ${error.message}`)
    }
  }
  if (faults.length > 0) {
    warnOnce('LEAKGUARD_VARIABLE_IGNORED', `Ignored by leakguard. ${faults.join('. ')}`)
  }
  return values
}

/** Names one or two letters off are surely meant for us; others may belong to somebody else. */
function misspelt(env) {
  const faults = []
  for (const key of Object.keys(env)) {
    if (!key.startsWith(PREFIX)) continue
    const suffix = key.slice(PREFIX.length)
    if (Object.hasOwn(VARIABLES, suffix)) continue
    const near = nearest(suffix, Object.keys(VARIABLES))
    if (near !== undefined) faults.push(`${key} is not known. Did you mean ${PREFIX}${near}?`)
  }
  return faults
}

/** LEAKGUARD=off turns everything off. */
function isOff(env = process.env) {
  const word = String(env.LEAKGUARD ?? '')
    .trim()
    .toLowerCase()
  return word === '0' || WORDS[word] === false
}

module.exports = { isOff, read }
