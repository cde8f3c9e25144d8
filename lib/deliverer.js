'use strict'

/**
 * Hands events to whoever listens: first the guard's own listeners, then the diagnostics channel.
 *
 * A handler that throws must not take the server down from inside one of our timers, and must not
 * keep the other handlers from hearing: each is called by itself, and a throw becomes one warning for
 * each event name.
 */

const channels = require('./channels')

class Deliverer {
  #guard
  #warned = new Set()

  constructor(guard) {
    this.#guard = guard
  }

  /** Whether anybody would hear this event: what nobody hears need not be built. */
  heard(name) {
    return this.#guard.listenerCount(name) > 0 || channels.hasSubscribers(name)
  }

  /** Calls every listener of `name` with `message`, then publishes it. */
  tell(name, message) {
    for (const listener of this.#guard.rawListeners(name)) {
      try {
        const answer = Reflect.apply(listener, this.#guard, [message])
        if (typeof answer?.then === 'function') answer.then(undefined, (error) => this.#warn(name, error))
      } catch (error) {
        this.#warn(name, error)
      }
    }
    channels.publish(name, message)
  }

  /** A fault of our own: the app goes on, once is said. */
  fault(error) {
    this.#warn('internal', error, 'LEAKGUARD_INTERNAL', 'leakguard failed inside; the app is not affected')
  }

  #warn(name, error, code = 'LEAKGUARD_HANDLER_THREW', what = `a handler of the leakguard event '${name}' threw`) {
    if (this.#warned.has(name)) return
    this.#warned.add(name)
    process.emitWarning(`${what}: ${error?.stack ?? String(error)}`, { type: 'LeakguardWarning', code })
  }
}

module.exports = { Deliverer }
