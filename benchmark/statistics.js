'use strict'

// Medians, quantiles and bootstrap intervals: what every table is made of.

const RESAMPLES = 4000

/** The value below which a share `q` of the values lies, interpolated. */
function quantile(values, q) {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length === 0) return null
  const at = (sorted.length - 1) * q
  const low = Math.floor(at)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low)
}

const median = (values) => quantile(values, 0.5)

/** A 95 % bootstrap interval of the median, with a fixed seed: the same record gives the same table. */
function interval(values) {
  let seed = 0x2545f491
  const random = () => {
    seed ^= seed << 13
    seed ^= seed >>> 17
    seed ^= seed << 5
    return (seed >>> 0) / 2 ** 32
  }
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)])),
  )
  return [quantile(medians, 0.025), quantile(medians, 0.975)]
}

/** { median, interval, n } of the values; the spread of one is nothing. */
function summary(values) {
  return { median: median(values), interval: interval(values), n: values.length }
}

module.exports = { interval, median, quantile, summary }
