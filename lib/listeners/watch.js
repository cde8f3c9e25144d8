'use strict'

// Counts listeners for the guard. Counts are read with each sample, never booked, so that removal by any road
// is seen. Armed, it also learns which line adds: by the guard's suspicion, by Node's own warning, by a count
// past the threshold, or always when the option says so.

const longlived = require('./longlived')
const patch = require('./patch')
const read = require('./read')
const { Registry } = require('./registry')
const sites = require('./sites')

const MAX_ROWS = 200
// Past the threshold each 64th add takes a stack: enough to rank the lines, too few to be felt.
const STACK_EVERY = 64
// Each emitter's first crossing takes one too; an app that makes thousands of them a second must not pay for each.
const STACKS_PER_CENSUS = 100
// Samples between two looks for long-lived emitters, and without change before a self-arming ends.
const FIND_EVERY = 60
const CALM = 600

const running = new Set()

class ListenerWatch {
  #mode
  #threshold
  #onHot
  #registry = new Registry()
  #long = []
  #reasons = new Set()
  #hot = new Map() // row id -> count, of events past the threshold
  #ticks = 0
  #still = 0
  #stacks = STACKS_PER_CENSUS
  #stale = false
  #rows = []
  #onWarning = (warning) => {
    this.#warned(warning)
  }
  /** What could not be switched on: { what, why }. */
  off = []
  /** Grows whenever a count changed: an unchanged census need not be passed on. */
  version = 0

  /** `mode` 'auto', 'armed' (always) or 'off'; `onHot(row)` is told of each event that passes the threshold. */
  constructor({ mode = 'auto', threshold = 10, onHot } = {}) {
    this.#mode = mode
    this.#threshold = threshold
    this.#onHot = onHot
  }

  get armed() {
    return this.#reasons.size > 0
  }

  start() {
    if (this.#mode === 'off') this.off = [{ what: 'listeners', why: 'the option listeners is false' }]
    if (this.#mode === 'off' || running.has(this)) return
    running.add(this)
    read.own.add(this.#onWarning)
    process.on('warning', this.#onWarning)
    // First of all, while there surely is room for it.
    this.#registry.scan(process, 'process')
    this.#stale = true
    if (this.#mode === 'armed') this.arm('option')
  }

  stop() {
    if (!running.delete(this)) return
    process.removeListener('warning', this.#onWarning)
    this.#reasons.clear()
    patch.disarm()
    this.#registry.clear()
    this.#hot.clear()
    this.#rows = []
  }

  arm(reason = 'guard') {
    if (!running.has(this)) return
    const first = this.#reasons.size === 0
    this.#reasons.add(reason)
    if (!first) return
    const refused = patch.arm(this.#threshold, (...seen) => {
      this.#added(...seen)
    })
    if (!sites.possible()) refused.push('stack traces cannot be taken here: Error is frozen or replaced')
    this.off = refused.map((why) => ({ what: 'listener stacks', why }))
  }

  disarm(reason = 'guard') {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) patch.disarm()
  }

  /** -> [{ id, className, event, count, threshold, origin, frames? }], at most 200, the fullest first. */
  census() {
    if (!running.has(this)) return []
    if (this.#ticks++ % FIND_EVERY === 0) this.#long = longlived.find()
    this.#stacks = STACKS_PER_CENSUS
    let changed = this.#registry.scan(process, 'process') || this.#stale
    for (const ref of this.#long) {
      const target = ref.deref()
      if (target !== undefined) changed = this.#registry.scan(target, 'census') || changed
    }
    changed = this.#registry.rotate() || changed
    this.#still = changed ? 0 : this.#still + 1
    if (changed) this.#update()
    if (this.#still === CALM) this.disarm('hot')
    return this.#rows
  }

  #update() {
    this.version++
    this.#stale = false
    this.#registry.forget(this.#threshold)
    const records = [...this.#registry.records()]
    if (records.length > MAX_ROWS) records.sort((a, b) => b.count - a.count)
    this.#rows = records.slice(0, MAX_ROWS).map((record) => this.#row(record))
    const before = this.#hot
    this.#hot = new Map()
    for (const row of this.#rows) {
      if (row.count <= this.#threshold) continue
      this.#hot.set(row.id, row.count)
      if (row.count > (before.get(row.id) ?? 0)) this.#heat(row, !before.has(row.id))
    }
  }

  #row({ id, className, event, count, origin, sites: seen }) {
    const row = { id, className, event, count, threshold: this.#threshold, origin }
    const frames = sites.top(seen)
    if (frames !== undefined) row.frames = frames
    return row
  }

  /** An event passed the threshold or grows beyond it: from now on the lines that add are wanted. */
  #heat(row, first) {
    this.#still = 0
    if (this.#mode === 'auto') this.arm('hot')
    try {
      if (first) this.#onHot?.(row)
    } catch {
      // The guard's matter; a listener count must not throw into whoever adds one.
    }
  }

  /** Node's MaxListenersExceededWarning carries the emitter and, in its stack, the line that added. */
  #warned(warning) {
    try {
      if (warning?.name !== 'MaxListenersExceededWarning') return
      const target = warning.emitter ?? warning.target
      if (target === null || target === undefined || !read.isTarget(target)) return
      const record = this.#registry.note(target, warning.type, target === process ? 'process' : 'warning')
      if (record === undefined) return
      record.count = read.count(target, warning.type)
      this.#stale = true
      if (record.count <= this.#threshold) return
      sites.add(record.sites, sites.parse(warning.stack))
      if (this.#mode === 'auto') this.arm('hot')
    } catch {
      // A warning may be anybody's object, with getters of its own.
    }
  }

  /** Called by the patch, past the threshold only. */
  #added(target, event, count) {
    const record = this.#registry.note(target, event, target === process ? 'process' : 'armed')
    if (record === undefined) return
    record.count = count
    // The census compares counts, and this one has been brought up to date here: say so.
    this.#stale = true
    if (record.adds++ % STACK_EVERY !== 0 || this.#stacks <= 0) return
    this.#stacks--
    sites.add(record.sites, sites.capture())
  }
}

/** One look at what lives as long as the process, for whoever asks without a guard. */
function glance() {
  const registry = new Registry()
  registry.scan(process, 'process')
  for (const ref of longlived.find()) {
    const target = ref.deref()
    if (target !== undefined) registry.scan(target, 'census')
  }
  return [...registry.records()].map(({ className, event, count, origin }) => ({ className, event, count, origin }))
}

module.exports = { ListenerWatch, glance, running }
