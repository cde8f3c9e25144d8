'use strict'

// Numbers as people read them.

const UNITS = ['B', 'KB', 'MB', 'GB']

function bytes(count) {
  if (!Number.isFinite(count)) return '-'
  let size = Math.abs(count)
  let unit = 0
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${count < 0 ? '-' : ''}${size.toFixed(unit === 0 || size >= 100 ? 0 : 1)} ${UNITS[unit]}`
}

function duration(seconds) {
  if (!Number.isFinite(seconds)) return '-'
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`
  return `${Math.round(seconds / 86_400)} days`
}

module.exports = { bytes, duration }
