'use strict'

// What watch() was asked for: explicit options over LEAKGUARD_* variables over the preset's defaults. Explicit
// mistakes throw; a mistaken variable warns and is ignored, because a variable must not stop an app.

const { conflict, invalidType, unknownOption } = require('./errors')
const environment = require('./options/environment')
const rules = require('./options/rules')

const DEFAULTS = {
  preset: 'production',
  interval: 1000,
  floorInterval: 120_000,
  gcBudget: 0.01,
  maxPause: 50,
  forkPause: 150,
  warmup: 600_000,
  listeners: 'auto',
  profile: 'auto',
  probe: 'auto',
  limits: {},
  evidence: false,
  restart: null,
  name: null,
  version: null,
}

// A verdict within a minute, for a laptop: floors every 2 s, a tenth of one core for them at most.
const PRESETS = {
  production: {},
  dev: { interval: 500, maxPause: 250, floorInterval: 2000, gcBudget: 0.1, warmup: 8000, profile: 'always' },
}

const LIVE = new Set([
  'name',
  'version',
  'limits',
  'evidence',
  'restart',
  'listeners',
  'profile',
  'maxPause',
  'gcBudget',
  'floorInterval',
  'interval',
])

// Where each value came from, kept beside the options and out of sight of JSON and console.log. Registered, so
// that a second copy of the package can merge into the guard that the first one started.
const layers = Symbol.for('leakguard.options.layers')

function normalize(options = {}, env = process.env) {
  return build(check(options), environment.read(env))
}

/** The options of a second watch(): what can change does, what cannot must be equal, defaults never clash. */
function merge(current, next = {}, env = process.env) {
  const explicit = next[layers]?.explicit ?? check(next)
  const before = current[layers] ?? { explicit: {}, environment: environment.read(env) }
  for (const name of Object.keys(explicit)) {
    if (LIVE.has(name) || !Object.hasOwn(before.explicit, name)) continue
    if (before.explicit[name] !== explicit[name]) throw conflict(name, before.explicit[name], explicit[name])
  }
  return build({ ...before.explicit, ...explicit }, before.environment)
}

/** Validates what the caller gave; `undefined` counts as not given, as in parameter defaults. */
function check(options) {
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw invalidType('"options" argument', 'an object', options)
  }
  const explicit = {}
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(DEFAULTS, name)) throw unknownOption(name, Object.keys(DEFAULTS), 'the options of watch()')
    if (options[name] === undefined) continue
    rules.check(name, options[name])
    explicit[name] = options[name]
  }
  return explicit
}

function build(explicit, variables) {
  const preset = explicit.preset ?? variables.preset ?? DEFAULTS.preset
  const values = { ...DEFAULTS, ...PRESETS[preset], ...variables, ...explicit, preset }
  values.listeners = rules.listeners(values.listeners)
  values.limits = rules.limits(values.limits)
  values.evidence = rules.evidence(values.evidence)
  values.restart = rules.restart(values.restart)
  Object.defineProperty(values, 'given', { value: new Set(Object.keys(explicit)) })
  Object.defineProperty(values, layers, { value: { explicit, environment: variables } })
  return Object.freeze(values)
}

module.exports = { isOff: environment.isOff, merge, normalize }
