'use strict'

// The /health endpoint: a request handler for node:http, Connect and Express. It shows a Report and measures
// nothing itself: one report(), one JSON.stringify, no I/O. Whatever goes wrong in here goes into the body; an
// endpoint that is there to be looked at in trouble must not make any.

const { body, failure } = require('./health/body')
const { allowed } = require('./health/details')
const { accepts, pathOf, send } = require('./health/http')
const { invalidType, outOfRange, unknownOption } = require('./errors')
const { warnUnwatched } = require('./warn')

const FORMS = ['full', 'readiness', 'liveness']
const KNOWN = ['path', 'form', 'details']

/** `health(guard, options)`, `health(options)`, or `health()`, which starts watching. */
function health(guard, options) {
  if (options === undefined && isOptions(guard)) [guard, options] = [undefined, guard]
  const settings = check(options ?? {})
  const source = guard === undefined ? started() : given(guard)

  return function leakguardHealth(req, res, next) {
    const refusal = refused(req, settings.path)
    // Outside of the guarded part: what the next handler throws is not ours to swallow.
    if (refusal !== 0 && typeof next === 'function') return next()
    try {
      if (refusal !== 0) return refuse(res, refusal)
      const answer = reply(source, settings.form, allowed(settings.details, req))
      const type = accepts(req, 'application/health+json') ? 'application/health+json' : 'application/json'
      send(req, res, answer.code, type, answer.body)
    } catch {
      // Headers gone, socket gone, a response that is none: there is nobody left to tell.
    }
  }
}

/** The HTTP status and the body. Only readiness may say 503, and only under critical pressure. */
function reply(source, form, details) {
  try {
    const report = source()
    const content = body(report, form, details)
    return { code: content.status === 'fail' ? 503 : 200, body: JSON.stringify(content) }
  } catch (error) {
    return { code: 200, body: JSON.stringify(failure(error, details)) }
  }
}

/** 0 when the request is for us, else the HTTP status to refuse it with when nobody else can take it. */
function refused(req, path) {
  if (path !== undefined && pathOf(req) !== path) return 404
  return req.method === 'GET' || req.method === 'HEAD' ? 0 : 405
}

function refuse(res, code) {
  if (code === 405) res.setHeader('Allow', 'GET, HEAD')
  const error = code === 405 ? 'Method Not Allowed' : 'Not Found'
  send({ method: 'GET' }, res, code, 'application/json', JSON.stringify({ error }))
}

/** Starts watching now, so that the first probe finds history. A missing binary warns; the app goes on. */
function started() {
  let fault
  try {
    require('./watch').watch()
  } catch (error) {
    fault = error
    warnUnwatched(error)
  }
  return () => {
    const guard = require('./watch').current()
    if (guard !== undefined) return guard.report()
    throw fault ?? new Error('the guard has been stopped')
  }
}

function given(guard) {
  if (guard === null || typeof guard !== 'object' || typeof guard.report !== 'function') {
    throw invalidType('"guard" argument', 'a Guard, as watch() returns it', guard)
  }
  return () => guard.report()
}

function isOptions(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof value.report !== 'function' &&
    Object.keys(value).every((name) => KNOWN.includes(name))
  )
}

function check(options) {
  if (options === null || typeof options !== 'object') {
    throw invalidType('"options" argument', 'an object', options)
  }
  for (const name of Object.keys(options)) {
    if (!KNOWN.includes(name)) throw unknownOption(name, KNOWN, 'the options of health()')
  }
  const { path, form = 'full', details } = options
  if (path !== undefined && typeof path !== 'string') throw invalidType('path', 'a string', path)
  if (path !== undefined && !path.startsWith('/')) throw outOfRange('path', 'a path that starts with "/"', path)
  const forms = `one of ${FORMS.map((each) => `"${each}"`).join(', ')}`
  if (typeof form !== 'string') throw invalidType('form', forms, form)
  if (!FORMS.includes(form)) throw outOfRange('form', forms, form)
  if (details !== undefined && typeof details !== 'boolean' && typeof details !== 'function') {
    throw invalidType('details', 'a boolean or a function', details)
  }
  return { path: path?.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path, form, details }
}

function withForm(form) {
  return (guard, options) => {
    if (options === undefined && isOptions(guard)) [guard, options] = [undefined, guard]
    return health(guard, { ...options, form })
  }
}

health.readiness = withForm('readiness')
health.liveness = withForm('liveness')

module.exports = { health }
