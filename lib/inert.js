'use strict'

// The guard of a process that is not to be watched (LEAKGUARD=off): the same shape, nothing behind it. No
// timer, no patch, no native binary. Its report says that it is off, so that /health does not claim health.

const { EventEmitter } = require('node:events')
const { threadId } = require('node:worker_threads')
const { stateError } = require('./errors')

// Figures of a Sample that only the native side reads.
const UNMEASURED = [
  'heapSizeLimit',
  'containerUsed',
  'containerLimit',
  'newSpace',
  'oldSpace',
  'codeSpace',
  'largeSpace',
  'utilization',
  'malloced',
  'gcMinor',
  'gcMajor',
  'gcPause',
  'gcLongest',
  'requests',
  'cpu',
]
const WHY = 'switched off by LEAKGUARD=off'

class InertGuard extends EventEmitter {
  #options
  #onStop

  constructor(options, onStop) {
    super()
    this.#options = options
    this.#onStop = onStop
  }

  get options() {
    return this.#options
  }
  get state() {
    return 'off'
  }
  get pressure() {
    return 'ok'
  }

  report() {
    return emptyReport(this.#options, WHY)
  }

  history() {
    return []
  }

  sample() {
    const { heapUsed, heapTotal, external, arrayBuffers, rss } = process.memoryUsage()
    const sample = Object.fromEntries(UNMEASURED.map((name) => [name, 0]))
    return { ...sample, at: Date.now(), heapUsed, heapTotal, external, arrayBuffers, rss }
  }

  profile() {
    return Promise.reject(stateError('ERR_LEAKGUARD_SWITCHED_OFF', `No profile: leakguard is ${WHY}`))
  }

  reconfigure(options) {
    this.#options = options
  }

  stop() {
    const told = this.#onStop
    this.#onStop = undefined
    told?.(this)
  }

  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.stop()
  }
}

/** A whole Report without a watcher: what Node itself can say, and nulls for what nobody measured. */
function emptyReport(options, why) {
  const { heapUsed, heapTotal, external, arrayBuffers, rss } = process.memoryUsage()
  const at = Date.now()
  return {
    name: options?.name ?? null,
    version: options?.version ?? null,
    pid: process.pid,
    threadId,
    at,
    uptime: Math.round(process.uptime() * 1000),
    state: 'off',
    pressure: 'ok',
    since: at,
    readyInSeconds: null,
    reasons: [why],
    verdict: {
      leak: false,
      state: 'off',
      since: null,
      bytesPerMinute: 0,
      interval: [0, 0],
      bytesPerRequest: null,
      window: 'short',
      windowMs: 0,
      floors: 0,
      z: 0,
      etaSeconds: null,
      etaInterval: null,
      etaBudget: null,
    },
    memory: {
      heapUsed,
      heapTotal,
      heapSizeLimit: null,
      external,
      arrayBuffers,
      rss,
      native: Math.max(0, rss - heapTotal - external),
      floor: null,
      spaces: null,
    },
    budgets: { heap: null, container: null },
    gc: { minor: 0, major: 0, pause: 0, longest: 0, perMinute: 0 },
    eventLoop: { utilization: null },
    work: { requests: 0, perMinute: 0 },
    suspects: [],
    listeners: [],
    collections: [],
    advice: [],
    self: {
      samples: 0,
      floors: { natural: 0, nudged: 0, refused: 0, reasons: {} },
      nudge: { cpu: 0, share: 0, longestStop: 0, lift: 0 },
      profile: { armed: false, reads: 0, longestPause: 0, refused: 0, foreign: false },
      pauses: { over: 0, longest: 0 },
      cpu: 0,
      bytes: 0,
      off: [{ what: 'guard', why }],
    },
  }
}

module.exports = { InertGuard, emptyReport }
