'use strict'

// The public API. What is dear (the native binary, the inspector) is loaded by the first call that needs it,
// so that require('leakguard') costs next to nothing. Each name is assigned to `exports` by itself: that is how
// ES modules see named exports of CommonJS.

const { health } = require('./lib/health')

/** Starts watching this thread, or returns its guard with `options` merged in. */
exports.watch = function watch(options) {
  return require('./lib/watch').watch(options)
}

/** A request handler that shows the report: `app.get('/health', health(guard))`. */
exports.health = health

/** The report as Prometheus text. */
exports.metrics = function metrics(guard) {
  return require('./lib/metrics').metrics(guard)
}

/** Listener counts by event name. */
exports.countListeners = function countListeners(target) {
  return require('./lib/listeners').countListeners(target)
}

/** Emitters past the threshold, the fullest first. */
exports.hotListeners = function hotListeners(options) {
  return require('./lib/listeners').hotListeners(options)
}
