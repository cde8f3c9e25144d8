'use strict'

// The `checks` of health+json: one entry for each measurement, with its own status and limit.

const MAX_LISTENER_CHECKS = 20

function checks(report, details) {
  const time = new Date(report.at).toISOString()
  const { memory, budgets, verdict } = report
  const entry = (status, observedValue, observedUnit, more = {}) => [
    { componentType: 'system', observedValue, observedUnit, status, time, ...more },
  ]
  const growing = verdict.leak || report.state === 'suspect'

  const found = {
    'memory:heapFloor': entry(
      worst(growing ? 'warn' : 'pass', statusOf(budgets.heap, report)),
      memory.floor?.bytes ?? null,
      'bytes',
      {
        ...budgetOf(budgets.heap),
        slopeBytesPerMinute: verdict.bytesPerMinute,
        etaSeconds: verdict.etaSeconds,
      },
    ),
    'memory:heapUsed': entry('pass', memory.heapUsed, 'bytes'),
    'memory:rss': entry('pass', memory.rss, 'bytes'),
  }
  if (budgets.container) {
    found['memory:container'] = entry(statusOf(budgets.container, report), budgets.container.used, 'bytes', {
      ...budgetOf(budgets.container),
      etaSeconds: budgets.container.etaSeconds ?? null,
    })
  }
  if (typeof report.eventLoop.utilization === 'number') {
    found['eventLoop:utilization'] = entry('pass', report.eventLoop.utilization, 'ratio')
  }
  return { ...found, ...(details ? named(report, entry) : counted(report, entry)) }
}

function named(report, entry) {
  const found = {}
  for (const { className, event, count, perMinute, threshold, rising, frames } of report.listeners) {
    const [first] = frames ?? []
    const output = first === undefined ? {} : { output: `${first.file}:${first.line}:${first.column}` }
    const key = `listeners:${className}#${event}`
    if (Object.hasOwn(found, key)) continue
    found[key] = entry(heat(count, threshold), count, 'listeners', { threshold, perMinute, rising, ...output })
    if (Object.keys(found).length === MAX_LISTENER_CHECKS) break
  }
  return found
}

/** For strangers the names go and one figure stays: how many events are past their threshold. */
function counted(report, entry) {
  const hot = report.listeners.filter(({ count, threshold }) => count > threshold).length
  return { 'listeners:hot': entry(hot > 0 ? 'warn' : 'pass', hot, 'events') }
}

function heat(count, threshold) {
  return count > threshold ? 'warn' : 'pass'
}

/** The pressure belongs to the budget that is fuller: the other one passes. */
function statusOf(budget, { pressure, budgets }) {
  if (!budget || pressure === 'ok') return 'pass'
  const fullest = Math.max(budgets.heap?.share ?? 0, budgets.container?.share ?? 0)
  if ((budget.share ?? 0) < fullest) return 'pass'
  return pressure === 'critical' ? 'fail' : 'warn'
}

function budgetOf(budget) {
  return budget ? { limit: budget.limit, share: budget.share } : {}
}

function worst(a, b) {
  return a === 'pass' ? b : b === 'fail' ? b : a
}

module.exports = { checks }
