'use strict'

// From a Report to the body of /health: the shape of the health+json draft (draft-inadarei-api-health-check-06:
// `status`, and `checks` under "component:measurement" keys), with the report's parts beside it. What names a
// file, a package, a class or an event is left out for strangers, here and nowhere else.

const { checks } = require('./checks')

const FORMAT = '1'

function body(report, form, details) {
  const status = statusOf(report, form)
  const head = { status, version: FORMAT, state: report.state, pressure: report.pressure }
  if (report.readyInSeconds !== null) head.readyInSeconds = report.readyInSeconds
  if (form === 'liveness') return { ...head, ...(details ? { notes: report.reasons } : {}) }
  head.checks = checks(report, details)
  if (form === 'readiness') return { ...head, ...(details ? { notes: report.reasons } : {}) }
  return { ...head, ...(details ? everything(report) : numbers(report)) }
}

/** 'fail' is a 503, so it is readiness's alone; liveness has nothing against memory at all. */
function statusOf(report, form) {
  if (form === 'liveness') return 'pass'
  if (report.pressure === 'critical') return form === 'readiness' ? 'fail' : 'warn'
  const calm =
    report.pressure === 'ok' &&
    (report.state === 'steady' || report.state === 'warming' || report.state === 'recovered')
  return calm ? 'pass' : 'warn'
}

function everything(report) {
  const { name, version, reasons, suspects, listeners, collections, advice, self } = report
  return {
    serviceId: name,
    releaseId: version,
    notes: reasons,
    ...figures(report),
    suspects,
    listeners,
    collections,
    advice,
    self,
  }
}

/** Status and numbers: no title, no name, no line, no sentence that may carry one. */
function numbers(report) {
  return {
    ...figures(report),
    suspects: report.suspects.map(({ kind, bytes, count, perMinute, perIteration, share }) => ({
      kind,
      bytes,
      count,
      perMinute,
      perIteration,
      share,
    })),
    listeners: report.listeners.map(({ count, perMinute, threshold, rising }) => ({
      count,
      perMinute,
      threshold,
      rising,
    })),
    collections: report.collections.length,
    advice: report.advice.map(({ code }) => ({ code })),
  }
}

function figures({ at, since, uptime, verdict, memory, budgets, gc, eventLoop, work }) {
  return { time: new Date(at).toISOString(), since, uptime, verdict, memory, budgets, gc, eventLoop, work }
}

/** leakguard's own fault: 'warn', because the app is not ill for it. The message may carry paths. */
function failure(error, details) {
  const missing = error?.code === 'ERR_LEAKGUARD_BINARY_MISSING'
  const general = missing ? 'leakguard does not watch: its native binary is missing' : 'leakguard does not watch'
  const message = typeof error?.message === 'string' ? error.message : 'unknown fault'
  return { status: 'warn', version: FORMAT, output: details ? `${general}: ${message}` : general }
}

module.exports = { body, failure }
