'use strict'

// The report as Prometheus text (exposition format 0.0.4), written here because it is forty lines: no client
// library, no registry, and every name under leakguard_, so that nothing clashes with prom-client's defaults.
// The number of series is bounded: fixed names, and at most 20 listener series, the fullest.

const { warnUnwatched } = require('./warn')

const MAX_LISTENERS = 20
// Pairs of emitter and event ever shown: an app with an event for each order must not make a series of each.
const MAX_PAIRS = 200
const STATES = ['off', 'warming', 'steady', 'suspect', 'leaking', 'recovered']
const LEVELS = ['ok', 'warn', 'critical']
const KINDS = ['natural', 'nudged', 'refused']

/** `metrics(guard)`, or `metrics()` for the guard of this thread, which it starts if need be. Never throws. */
function metrics(guard) {
  try {
    const report = (guard ?? require('./watch').watch()).report()
    return page([...memory(report), ...verdict(report), ...runtime(report), ...listeners(report), ...self(report)])
  } catch (error) {
    // A scrape that fails hides the app's other metrics on the same page; this says the same and keeps them.
    warnUnwatched(error)
    return page([['up', 'gauge', 'Whether leakguard watches this process.', [[{}, 0]]]])
  }
}

const pairs = new Set()

const one = (value) => [[{}, value]]

function memory({ memory: figures, budgets, state }) {
  const spaces = Object.entries(figures.spaces ?? {}).map(([space, bytes]) => [{ space }, bytes])
  const perBudget = (member) => ['heap', 'container'].map((budget) => [{ budget }, budgets[budget]?.[member]])
  return [
    ['up', 'gauge', 'Whether leakguard watches this process.', one(state === 'off' ? 0 : 1)],
    [
      'heap_floor_bytes',
      'gauge',
      'Heap and external memory alive after the last full collection.',
      one(figures.floor?.bytes),
    ],
    ['heap_used_bytes', 'gauge', 'V8 heap in use, garbage included.', one(figures.heapUsed)],
    ['heap_space_used_bytes', 'gauge', 'V8 heap in use by space.', spaces],
    [
      'external_bytes',
      'gauge',
      'Memory outside of the heap that V8 objects hold (Buffers, wasm).',
      one(figures.external),
    ],
    ['array_buffers_bytes', 'gauge', 'ArrayBuffers and Buffers, a part of external.', one(figures.arrayBuffers)],
    ['resident_bytes', 'gauge', 'Resident set size of the process.', one(figures.rss)],
    ['native_bytes', 'gauge', 'Resident memory that is neither heap nor external.', one(figures.native)],
    ['budget_bytes', 'gauge', 'Limit of each memory budget.', perBudget('limit')],
    ['budget_used_bytes', 'gauge', 'What is used of each memory budget.', perBudget('used')],
    ['budget_used_ratio', 'gauge', 'Used share of each memory budget, 0 to 1.', perBudget('share')],
    [
      'eta_seconds',
      'gauge',
      'Seconds until a budget is full at the present growth; absent without significant growth.',
      perBudget('etaSeconds'),
    ],
  ]
}

function verdict({ verdict: found, state, pressure, readyInSeconds, suspects }) {
  return [
    ['leak', 'gauge', 'Whether the growth is judged a leak.', one(found.leak ? 1 : 0)],
    [
      'leak_state',
      'gauge',
      'The state of the verdict: 1 for the present one, else 0.',
      STATES.map((each) => [{ state: each }, each === state ? 1 : 0]),
    ],
    [
      'pressure',
      'gauge',
      'The memory pressure: 1 for the present level, else 0.',
      LEVELS.map((level) => [{ level }, level === pressure ? 1 : 0]),
    ],
    ['heap_floor_slope_bytes_per_minute', 'gauge', 'Growth of the floor.', one(found.bytesPerMinute)],
    [
      'heap_floor_slope_bytes_per_request',
      'gauge',
      'Growth of the floor for each request; absent when it does not go with requests.',
      one(found.bytesPerRequest),
    ],
    ['ready_in_seconds', 'gauge', 'Seconds until a verdict can be given; absent once it can.', one(readyInSeconds)],
    ['suspects', 'gauge', 'Suspects named in the report.', one(suspects.length)],
  ]
}

function runtime({ gc, eventLoop, work }) {
  return [
    [
      'gc_total',
      'counter',
      'Collections since watching began.',
      [
        [{ kind: 'minor' }, gc.minor],
        [{ kind: 'major' }, gc.major],
      ],
    ],
    ['gc_pause_seconds_total', 'counter', 'Time stopped in collections.', one(gc.pause / 1000)],
    [
      'event_loop_utilization_ratio',
      'gauge',
      'Event loop utilization of the last interval, 0 to 1.',
      one(eventLoop.utilization),
    ],
    ['requests_total', 'counter', 'HTTP requests since watching began.', one(work.requests)],
  ]
}

function listeners({ listeners: reports }) {
  // One series for each pair of labels: many emitters of one class count together, as the fullest of them.
  const series = new Map()
  for (const report of [...reports].sort((a, b) => b.count - a.count)) {
    const labels = { emitter: report.className, event: steady(report.event) }
    const key = `${labels.emitter}#${labels.event}`
    if (series.size === MAX_LISTENERS || series.has(key)) continue
    if (!pairs.has(key) && pairs.size >= MAX_PAIRS) continue
    pairs.add(key)
    series.set(key, [labels, report.count])
  }
  const fullest = [...series.values()]
  return [['listeners', 'gauge', 'Listeners of one event on one emitter, the fullest of its class.', fullest]]
}

/** 'reply:48151623' is one series with all its kin. */
function steady(event) {
  return event.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|\d{3,}/gi, '*')
}

function self({ self: own }) {
  return [
    ['self_samples_total', 'counter', 'Samples that leakguard took.', one(own.samples)],
    [
      'self_floors_total',
      'counter',
      'Floors by origin, and nudges refused.',
      KINDS.map((kind) => [{ kind }, own.floors[kind]]),
    ],
    [
      'self_nudge_cpu_seconds_total',
      'counter',
      'CPU time of nudged collections, helper threads included.',
      one(own.nudge.cpu / 1000),
    ],
    ['self_nudge_cpu_ratio', 'gauge', 'Share of one core that nudged collections take.', one(own.nudge.share)],
    ['self_pauses_over_total', 'counter', 'Stops longer than maxPause that leakguard caused.', one(own.pauses.over)],
    ['self_longest_pause_seconds', 'gauge', 'The longest stop that leakguard caused.', one(own.pauses.longest / 1000)],
    ['self_profile_armed', 'gauge', 'Whether allocation sampling is on.', one(own.profile.armed ? 1 : 0)],
    ['self_cpu_seconds_total', 'counter', 'CPU time of leakguard, estimated.', one(own.cpu / 1000)],
    ['self_bytes', 'gauge', 'Native memory that leakguard holds.', one(own.bytes)],
    ['self_off', 'gauge', 'Instruments that are switched off or refused.', one(own.off.length)],
  ]
}

/** Families whose every value is unknown are left out: absent is the honest form of null. */
function page(families) {
  let text = ''
  for (const [name, type, help, samples] of families) {
    const known = samples.filter(([, value]) => Number.isFinite(value))
    if (known.length === 0) continue
    text += `# HELP leakguard_${name} ${help}\n# TYPE leakguard_${name} ${type}\n`
    for (const [labels, value] of known) text += `leakguard_${name}${labelled(labels)} ${value}\n`
  }
  return text
}

function labelled(labels) {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escape(String(value))}"`)
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

function escape(value) {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

module.exports = { metrics }
