'use strict'

/**
 * The dearer instruments of one guard: allocation sampling and listener stacks. The native side says
 * when they are wanted; here they are armed, read and disarmed.
 */

const { Profiler } = require('./profiler')

const CENSUS_EVERY = 10_000 // ms, when no count changed

class Investigator {
  #monitor
  #floors
  #nudger
  #listeners
  #profiler = new Profiler()
  #census = { version: -1, age: 0 }
  #onFloor
  #onNudged
  #onNews

  /**
   * @param {object} parts `monitor`, `floors`, `nudger`, `listeners`; `onFloor(floor)`, because reading a profile
   *   is a full collection and so a floor; `onNudged(figures)`, when a nudge ended; `onNews()`, when the native side has events to tell.
   */
  constructor({ monitor, floors, nudger, listeners, onFloor, onNudged, onNews }) {
    this.#monitor = monitor
    this.#floors = floors
    this.#nudger = nudger
    this.#listeners = listeners
    this.#onFloor = onFloor
    this.#onNudged = onNudged
    this.#onNews = onNews
  }

  /** For the report: `{ armed, foreign, off }`, given the option `profile`. */
  status(profile) {
    const { armed, foreign, off } = this.#profiler
    const why = profile === 'off' ? "the option profile is 'off'" : off
    return { armed, foreign, off: why === null ? [] : [{ what: 'profile', why }] }
  }

  /** Does what the native side wishes for by now; each wish is told once. */
  follow(profile) {
    const wish = this.#monitor.wishes()
    if (wish === 'disarm') this.disarm(profile)
    else if (wish === 'arm') this.arm(profile)
    else if (wish === 'read') this.#read()
  }

  /** Begins to sample allocations, unless `profile` is 'off', and to take stacks of who adds listeners. */
  arm(profile) {
    this.#listeners.arm()
    if (profile === 'off') return
    if (this.#profiler.arm(this.#monitor.distance())) this.#monitor.armed()
    else this.#monitor.lost()
  }

  /** Back to calm; with `profile: 'always'` allocations go on being sampled. */
  disarm(profile) {
    this.#listeners.disarm()
    if (profile !== 'always') this.#profiler.disarm()
  }

  /** Counts listeners and passes the counts on, at once when one changed; `interval` is that of samples, ms. */
  count(interval) {
    const rows = this.#listeners.census()
    const { version } = this.#listeners
    const age = this.#census.age + interval
    const due = version !== this.#census.version || age >= CENSUS_EVERY
    this.#census = { version, age: due ? 0 : age }
    if (due) this.#monitor.listeners(JSON.stringify(rows))
  }

  /** Lets go of what a connected inspector session would keep alive. */
  discard() {
    this.#profiler.discard()
  }

  /**
   * Reading collects fully. On a heap where that would be felt it is done in the middle of a nudge, when
   * the helper threads have marked most of it (lib/nudger.js); a nudge that ends sooner was a floor, and
   * the native side wishes again.
   */
  #read() {
    if (!this.#profiler.armed || this.#nudger.busy) return
    const after = this.#monitor.ripeAfter()
    if (after === 0) return this.#take(false)
    const done = (figures) => {
      this.#onNudged(figures)
      if (!figures.acted) this.#monitor.missed()
    }
    this.#nudger.start(done, { after, act: () => this.#take(true) })
  }

  #take(ripe) {
    this.#floors.hold()
    const profile = this.#profiler.read()
    const floor = this.#floors.harvest()
    this.#floors.release()
    if (profile === null) return this.#monitor.lost()
    if (floor !== null) this.#onFloor({ ...floor, pause: profile.pause })
    if (this.#monitor.profile(profile.json, profile.pause, ripe)) this.#onNews()
  }
}

module.exports = { Investigator }
