'use strict'

/**
 * The dearer instruments of one guard: allocation sampling and listener stacks. The native side says
 * when they are wanted; here they are armed, read and disarmed.
 */

const { Profiler } = require('./profiler')

class Investigator {
  #monitor
  #floors
  #listeners
  #profiler = new Profiler()
  #onFloor
  #onNews

  /**
   * @param {object} parts `monitor`, `floors`, `listeners`; `onFloor(floor)`, because reading a profile
   *   is a full collection and so a floor; `onNews()`, when the native side has events to tell.
   */
  constructor({ monitor, floors, listeners, onFloor, onNews }) {
    this.#monitor = monitor
    this.#floors = floors
    this.#listeners = listeners
    this.#onFloor = onFloor
    this.#onNews = onNews
  }

  /** For the report: `{ armed, foreign, off }`. */
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

  /** Lets go of what a connected inspector session would keep alive. */
  discard() {
    this.#profiler.discard()
  }

  #read() {
    if (!this.#profiler.armed) return
    this.#floors.hold()
    const profile = this.#profiler.read()
    const floor = this.#floors.harvest()
    this.#floors.release()
    if (profile === null) return this.#monitor.lost()
    if (floor !== null) this.#onFloor({ ...floor, pause: profile.pause })
    if (this.#monitor.profile(profile.json, profile.pause)) this.#onNews()
  }
}

module.exports = { Investigator }
