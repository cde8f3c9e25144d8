'use strict'

/**
 * Collections as V8 reports them: counts and pauses for every sample, and the exact live size after
 * each major one.
 *
 * Counts come from a PerformanceObserver (cheap, tells kind and duration); the live size comes from
 * `v8.GCProfiler`, whose record holds the heap figures of the moment the collection ended. The
 * profiler keeps 2.9 to 3.9 KB for each collection until it is stopped and costs 50 to 90 us for each,
 * so it is rotated by their number and rests while collections are frequent: then only floors that
 * were asked for are read, which is still an exact one.
 */

const v8 = require('v8')
const { PerformanceObserver, constants } = require('perf_hooks')

const ROTATE_AFTER = 64 // collections: about 2 ms to stop and read
const TOO_MANY_PER_SECOND = 12 // 12 x 80 us: 0.1 % of a core
const QUIET_PER_SECOND = 6

const MAJOR = constants.NODE_PERFORMANCE_GC_MAJOR
const MINOR = constants.NODE_PERFORMANCE_GC_MINOR
// V8's minor mark-sweep (Node 22 and later, --minor-ms) has a kind of its own.
const MINOR_MARK_SWEEP = constants.NODE_PERFORMANCE_GC_MINOR_MARK_SWEEP ?? 2

class Floors {
  #onMajor
  #observer = null
  #profiler = null
  #held = 0 // collections in the running profiler
  #resting = false
  #wanted = 0 // nudges and reads that need the profiler whatever the rate
  #counts = { minor: 0, major: 0, pause: 0, longest: 0 }

  /** @param {(floor: { heap: number, external: number, pause: number }) => void} onMajor */
  constructor(onMajor) {
    this.#onMajor = onMajor
  }

  /** Begins to watch. Cost: an observer and a GCProfiler, about 30 us. */
  start() {
    this.#observer = new PerformanceObserver((list) => this.#see(list.getEntries()))
    this.#observer.observe({ entryTypes: ['gc'] })
    this.#run()
  }

  /** Stops both; no record is kept. */
  stop() {
    this.#observer?.disconnect()
    this.#observer = null
    this.#end()
  }

  /** Whether natural floors are read at present (false while collections are too frequent). */
  get reading() {
    return this.#profiler !== null
  }

  /** Keeps the profiler on until `release()`, for a collection that is about to be caused. */
  hold() {
    this.#wanted++
    this.#run()
  }

  /** Ends a `hold()`. */
  release() {
    this.#wanted--
    if (this.#resting && this.#wanted === 0) this.#end()
  }

  /** Collections since the last call: `{ minor, major, pause, longest }`, pauses in ms. */
  take() {
    const counts = this.#counts
    this.#counts = { minor: 0, major: 0, pause: 0, longest: 0 }
    return counts
  }

  /** Tells how many collections a second there were, so that the profiler rests when it would cost. */
  pace(perSecond) {
    if (perSecond > TOO_MANY_PER_SECOND) {
      this.#resting = true
      if (this.#wanted === 0) this.#end()
    } else if (this.#resting && perSecond < QUIET_PER_SECOND) {
      this.#resting = false
      this.#run()
    }
  }

  /**
   * The live size after the last major collection since the last call, or null. Reads at once, so that
   * a collection which has just been caused need not wait for the observer.
   */
  harvest() {
    if (this.#profiler === null) return null
    const statistics = this.#end()?.statistics ?? []
    this.#run()
    for (let i = statistics.length - 1; i >= 0; i--) {
      const { gcType, cost, afterGC } = statistics[i]
      if (gcType !== 'MarkSweepCompact' || afterGC === undefined) continue
      const { usedHeapSize, externalMemory } = afterGC.heapStatistics
      return { heap: usedHeapSize, external: externalMemory, pause: cost / 1000 }
    }
    return null
  }

  #run() {
    if (this.#profiler !== null || this.#observer === null) return
    if (this.#resting && this.#wanted === 0) return
    this.#profiler = new v8.GCProfiler()
    this.#profiler.start()
    this.#held = 0
  }

  #end() {
    const profiler = this.#profiler
    this.#profiler = null
    return profiler?.stop()
  }

  #see(entries) {
    let major = false
    for (const { duration, detail } of entries) {
      const counts = this.#counts
      if (detail.kind === MAJOR) {
        counts.major++
        major = true
      } else if (detail.kind === MINOR || detail.kind === MINOR_MARK_SWEEP) counts.minor++
      counts.pause += duration
      if (duration > counts.longest) counts.longest = duration
    }
    this.#held += entries.length
    if (major) {
      const floor = this.harvest()
      if (floor !== null) this.#onMajor(floor)
    } else if (this.#held >= ROTATE_AFTER && this.#profiler !== null) {
      this.#end()
      this.#run()
    }
  }
}

module.exports = { Floors }
