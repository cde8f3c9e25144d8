'use strict'

/**
 * A full collection in small steps, through Node-API alone.
 *
 * V8 starts incremental, concurrent marking when external memory rises 64 MB above its level at the
 * last full collection, and each further report of external memory advances that marking by a few
 * milliseconds (Heap::ReportExternalMemoryPressure in V8's heap.cc). So: report 70 MB that do not
 * exist, then 64 KB every 5 ms until the collection is seen, then take all of it back. No flag, no
 * inspector. A collection that is already under way is simply finished. The loan shows in nobody's
 * figures: what V8 and Node report as external memory are the bytes of array buffers (measured on
 * Node 20, 22, 24 and 26).
 */

const MB = 1 << 20
const LIFT = 70 * MB // above V8's soft limit of 64 MB
const STEP = 64 * 1024
const EVERY = 5 // ms between steps
const GIVE_UP = 10_000 // ms; a process that cannot finish a collection by then is left in peace

const { performance } = require('perf_hooks')

const now = performance.now.bind(performance)
const { setTimeout, clearTimeout } = globalThis // as they were when leakguard was loaded: fake timers come later
const cpu = process.cpuUsage.bind(process)

class Nudger {
  #adjust
  #floors
  #lift = 0
  #run = null

  /**
   * @param {(bytes: number) => number} adjust the native `napi_adjust_external_memory`
   * @param {import('./floors').Floors} floors
   */
  constructor(adjust, floors) {
    this.#adjust = adjust
    this.#floors = floors
  }

  /** External bytes that are reported and do not exist, while a nudge is under way. */
  get lift() {
    return this.#lift
  }

  /** Whether a nudged collection is under way. */
  get busy() {
    return this.#run !== null
  }

  /**
   * Starts a collection; `done` is called once when it is over, with `{ finished, acted, took, longest, steps, cpu, stepped }`
   * (ms): `longest` is the longest single stop, `cpu` the CPU of the whole process meanwhile,
   * `stepped` the main thread's share that is known to be ours.
   *
   * With `ripe`, `{ after, act }`, `act` is called `after` ms into marking unless the collection ended
   * before: a full collection that is forced then finds most of its marking done by the helper threads
   * and stops the main thread for a fraction of the time (a profile read at 160 MB live: 10 to 60 ms
   * instead of 100 to 230, Node 20 to 26). `done` gets `acted`.
   */
  start(done, ripe = null) {
    if (this.#run !== null) return
    const run = { done, ripe, acted: false, began: now(), cpu: cpu(), longest: 0, stepped: 0, steps: 0, timer: null }
    this.#run = run
    this.#floors.hold()
    try {
      this.#step(LIFT)
    } catch {
      return this.#finish(false)
    }
    this.#wait()
  }

  /** The collection was seen: ends the run with the pause of its last step, and takes the lift back. */
  seen(pause) {
    if (this.#run === null) return
    if (pause > this.#run.longest) this.#run.longest = pause
    this.#finish(true)
  }

  /** Ends a run that is under way, at once; the lift goes back. */
  cancel() {
    if (this.#run !== null) this.#finish(false)
  }

  #next() {
    const run = this.#run
    if (run === null) return
    const elapsed = now() - run.began
    if (elapsed > GIVE_UP) return this.#finish(false)
    if (run.ripe !== null && elapsed >= run.ripe.after) return this.#act()
    try {
      this.#step(STEP)
    } catch {
      return this.#finish(false)
    }
    this.#wait()
  }

  #wait() {
    const { began, ripe } = this.#run
    const left = ripe === null ? EVERY : Math.min(EVERY, began + ripe.after - now())
    this.#run.timer = setTimeout(() => this.#next(), Math.max(left, 1))
    this.#run.timer.unref?.()
  }

  #act() {
    const run = this.#run
    run.acted = true
    try {
      run.ripe.act()
    } finally {
      // `act` collects, so the run is over; but an event handler below it may have stopped the guard.
      if (this.#run === run) this.#finish(true)
    }
  }

  #step(bytes) {
    const run = this.#run
    const from = now()
    this.#adjust(bytes)
    this.#lift += bytes
    const took = now() - from
    run.stepped += took
    run.steps++
    if (took > run.longest) run.longest = took
  }

  #finish(finished) {
    const run = this.#run
    this.#run = null
    clearTimeout(run.timer)
    this.#floors.release()
    try {
      this.#adjust(-this.#lift)
      this.#lift = 0
    } catch {
      // The environment is going down; its accounts go with it.
    }
    const used = cpu(run.cpu)
    run.done({
      finished,
      acted: run.acted,
      took: now() - run.began,
      longest: run.longest,
      stepped: run.stepped,
      steps: run.steps,
      cpu: (used.user + used.system) / 1000,
    })
  }
}

module.exports = { Nudger }
