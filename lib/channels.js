'use strict'

// Mirrors the guard's events on diagnostics_channel, so that an APM can listen without importing leakguard.
// Without a subscriber a publish costs a map lookup and a flag. Built-in, so requiring it costs nothing.

const diagnostics = require('node:diagnostics_channel')

const NAMES = ['sample', 'floor', 'suspect', 'leak', 'recovered', 'pressure', 'evidence', 'drain']

// Kept strongly: Node holds channels weakly, and a channel that is collected forgets who publishes to it.
const channels = new Map(NAMES.map((name) => [name, diagnostics.channel(`leakguard:${name}`)]))

function publish(name, message) {
  const channel = channels.get(name)
  // A throwing subscriber is reported by Node as an uncaught exception of its own, outside of our call.
  if (channel !== undefined && channel.hasSubscribers) channel.publish(message)
}

/** Whether somebody listens: lets a caller skip building a dear message. */
function hasSubscribers(name) {
  return channels.get(name)?.hasSubscribers === true
}

module.exports = { NAMES, hasSubscribers, publish }
