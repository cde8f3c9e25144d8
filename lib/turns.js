'use strict'

/**
 * The two unref'ed timers of a guard, one for samples and one for floors: each turn says in how many ms
 * the next one comes, there are never two of a kind, and a turn that throws is told and not the last.
 */

const { setTimeout, clearTimeout } = globalThis // as loaded: fake timers come later

class Turns {
  #timers = new Map()
  #onFault

  /** @param {(error: unknown) => void} onFault */
  constructor(onFault) {
    this.#onFault = onFault
  }

  /** Calls `turn` in `ms` and then ever again, as many ms later as it returns; replaces what `name` was. */
  start(name, ms, turn) {
    clearTimeout(this.#timers.get(name))
    const timer = setTimeout(() => {
      let next = ms
      try {
        next = turn()
      } catch (error) {
        this.#onFault(error)
      }
      // Stopped or replaced by the turn itself: then that stands.
      if (this.#timers.get(name) === timer) this.start(name, next, turn)
    }, ms)
    timer.unref?.()
    this.#timers.set(name, timer)
  }

  /** Ends all of them. */
  stop() {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}

module.exports = { Turns }
