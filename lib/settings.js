'use strict'

/** What the native side is told of the options and of this thread. */

const path = require('path')
const { threadId } = require('worker_threads')
const { oldGenerationLimit, isLimitChosen } = require('./heap-limit')

const OWN_ROOT = __dirname + path.sep

/** Options as `normalize()` made them, with the facts of the process, in the shape of `NativeSettings`. */
function nativeSettings(options) {
  return {
    dev: options.preset === 'dev',
    warmup: options.warmup,
    interval: options.interval,
    floorInterval: options.floorInterval,
    gcBudget: options.gcBudget,
    maxPause: options.maxPause,
    warn: options.limits.warn,
    critical: options.limits.critical,
    profile: options.profile,
    threshold: options.listeners.threshold,
    oldLimit: oldGenerationLimit(),
    limitChosen: isLimitChosen(),
    ownRoot: OWN_ROOT,
    threadId,
    pid: process.pid,
    name: options.name ?? '',
    version: options.version ?? '',
  }
}

module.exports = { nativeSettings }
