'use strict'

/**
 * One look at the isolate: V8's figures into a reused Float64Array, in the order that the native side
 * reads. RSS, cgroup and CPU are read there, by kept file descriptors.
 *
 * Cost: about 3 us; every tenth look also asks for what is dear (heap spaces 4 to 12 us, and
 * `process.memoryUsage()` 10 us for its array buffers, since it reads RSS again).
 */

const v8 = require('v8')

const DEAR_EVERY = 10
const { performance } = require('perf_hooks')
const utilization = performance.eventLoopUtilization.bind(performance)
const memoryUsage = process.memoryUsage.bind(process)

const SPACES = { new_space: 5, old_space: 6, code_space: 7, large_object_space: 8 }
const FIELDS = 17

class Sampler {
  #inputs = new Float64Array(FIELDS)
  #elu = utilization()
  #looks = 0
  #floors
  #work
  #requests

  /** @param {import('./floors').Floors} floors @param {{ total: number }} work */
  constructor(floors, work) {
    this.#floors = floors
    this.#work = work
    this.#requests = work.total
  }

  /** Fills and returns the array, which is valid until the next call. */
  look() {
    const x = this.#inputs
    const heap = v8.getHeapStatistics()
    x[0] = heap.used_heap_size
    x[1] = heap.total_heap_size
    x[2] = heap.heap_size_limit
    x[3] = heap.external_memory
    if (this.#looks++ % DEAR_EVERY === 0) this.#lookDeeper(x)

    const elu = utilization()
    const active = elu.active - this.#elu.active
    const idle = elu.idle - this.#elu.idle
    this.#elu = elu
    // Before the event loop has turned once there is no figure: then it is busy starting up.
    x[9] = active + idle > 0 ? active / (active + idle) : 1

    const gc = this.#floors.take()
    x[10] = gc.minor
    x[11] = gc.major
    x[12] = gc.pause
    x[13] = gc.longest

    const total = this.#work.total
    x[14] = total - this.#requests
    this.#requests = total
    x[15] = heap.malloced_memory
    x[16] = total
    return x
  }

  #lookDeeper(x) {
    x[4] = memoryUsage().arrayBuffers
    for (const { space_name: name, space_used_size: used } of v8.getHeapSpaceStatistics()) {
      const at = SPACES[name]
      if (at !== undefined) x[at] = used
    }
  }
}

module.exports = { Sampler }
