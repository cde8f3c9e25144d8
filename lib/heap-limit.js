'use strict'

/**
 * How much of `heap_size_limit` belongs to the young generation.
 *
 * V8 reports old and young together (Heap::MaxReserved: the old generation and three semi-spaces), but
 * a process dies when the OLD generation is full: `--max-old-space-size=64` reports 112, 256 and
 * 160 MiB on Node 20, 24 and 26. Percentages and `--max-heap-size` need no care here: the sum carries
 * them, and only the semi-space has to be known.
 */

const v8 = require('v8')
const { resourceLimits, isMainThread } = require('worker_threads')

const MB = 1 << 20
// V8's default for the largest semi-space, measured on official x64 binaries: V8 11.3 (Node 20) and
// 12.4 (Node 22) 16 MB, 13.6 (Node 24) 64 MB, 14.x (Node 26) 32 MB.
const DEFAULTS = [
  [14, 32],
  [13, 64],
  [0, 16],
]

/** The largest semi-space in bytes, as flags on the command line, NODE_OPTIONS or the default set it. */
function semiSpace(
  execArgv = process.execArgv,
  nodeOptions = process.env.NODE_OPTIONS ?? '',
  v8Version = process.versions.v8,
) {
  const flags = [...nodeOptions.split(/\s+/), ...execArgv]
  let given
  for (let i = 0; i < flags.length; i++) {
    const match = /^--max[-_]semi[-_]space[-_]size(?:=(\d+))?$/.exec(flags[i])
    if (match) given = Number(match[1] ?? flags[i + 1])
  }
  // V8 rounds it up to a power of two (Heap::ConfigureHeap).
  if (given > 0) return 2 ** Math.ceil(Math.log2(given)) * MB
  const major = Number.parseInt(v8Version, 10)
  return DEFAULTS.find(([from]) => major >= from)[1] * MB
}

/** The old generation's limit in bytes. */
function oldGenerationLimit() {
  if (!isMainThread && resourceLimits.maxOldGenerationSizeMb > 0) return resourceLimits.maxOldGenerationSizeMb * MB
  const total = v8.getHeapStatistics().heap_size_limit
  const old = total - 3 * semiSpace()
  return old > 0 ? old : total
}

/** Whether the owner chose the heap's limit, by any of the flags that set it. */
function isLimitChosen(execArgv = process.execArgv, nodeOptions = process.env.NODE_OPTIONS ?? '') {
  if (!isMainThread && resourceLimits.maxOldGenerationSizeMb > 0) return true
  return /--max[-_](?:old[-_]space|heap)[-_]size/.test([nodeOptions, ...execArgv].join(' '))
}

module.exports = { oldGenerationLimit, semiSpace, isLimitChosen }
