'use strict'

// The emitters that are known, held weakly, and the counts last read from them. Bounded: a table that grows
// with the app's leak would be a leak itself. Emitters that live as long as the process are read every time,
// the others by turns.

const read = require('./read')
const sites = require('./sites')

const MAX_EMITTERS = 1000
const MAX_EVENTS = 64
// Emitters read at each census: a tenth of a millisecond, and four of them to make room.
const READS = 64
const READS_FULL = 256

class Registry {
  #byTarget = new WeakMap()
  #known = new Set()
  #turn = null
  #nextId = 1

  get size() {
    return this.#known.size
  }

  /** The record of an emitter's event (`key`), made when there is room; undefined when there is none. */
  note(target, key, origin) {
    const event = typeof key === 'symbol' ? key : String(key)
    const emitter = this.#emitter(target, origin)
    if (emitter === undefined) return undefined
    let record = emitter.events.get(event)
    if (record === undefined) {
      if (emitter.events.size >= MAX_EVENTS) return undefined
      record = {
        id: this.#nextId++,
        className: emitter.className,
        event: read.eventName(event),
        count: 0,
        origin,
        adds: 0,
        sites: new Map(),
      }
      emitter.events.set(event, record)
    }
    return record
  }

  #emitter(target, origin) {
    const found = this.#byTarget.get(target)
    if (found !== undefined && this.#known.has(found)) return found
    // Full: rotate() makes room, of those that are gone or have fallen. To search here would be felt.
    if (this.#known.size >= MAX_EMITTERS) return undefined
    const emitter = { ref: new WeakRef(target), className: read.className(target), origin, events: new Map() }
    this.#byTarget.set(target, emitter)
    this.#known.add(emitter)
    return emitter
  }

  #drop(emitter) {
    for (const record of emitter.events.values()) sites.clear(record.sites)
    return this.#known.delete(emitter)
  }

  /** Reads all events of an emitter that lives long: new events appear by themselves. */
  scan(target, origin) {
    try {
      for (const event of read.events(target)) this.note(target, event, origin)
    } catch {
      // Unreadable today; what is known of it is read below all the same.
    }
    const emitter = this.#byTarget.get(target)
    return emitter !== undefined && this.#known.has(emitter) && this.#refresh(emitter, target)
  }

  /** Reads the next emitters in turn; true when a count changed. */
  rotate() {
    let changed = false
    const full = this.#known.size >= MAX_EMITTERS
    for (let reads = Math.min(full ? READS_FULL : READS, this.#known.size); reads > 0; reads--) {
      let next = this.#turn?.next()
      if (next === undefined || next.done) {
        this.#turn = this.#known.values()
        next = this.#turn.next()
        if (next.done) break
      }
      const emitter = next.value
      if (emitter.origin !== 'warning' && emitter.origin !== 'armed') continue
      const target = emitter.ref.deref()
      if (target === undefined) changed = this.#drop(emitter) || changed
      else changed = this.#refresh(emitter, target) || changed
      if (full && [...emitter.events.values()].every(({ count }) => count < 2)) changed = this.#drop(emitter) || changed
    }
    return changed
  }

  #refresh(emitter, target) {
    let changed = false
    for (const [event, record] of emitter.events) {
      const count = read.count(target, event)
      if (count !== record.count) changed = true
      record.count = count
      if (count === 0) {
        sites.clear(record.sites)
        emitter.events.delete(event)
      }
    }
    if (emitter.events.size === 0) this.#drop(emitter)
    return changed
  }

  /** Stacks of events that are no longer past the threshold are let go. */
  forget(threshold) {
    for (const record of this.records()) {
      if (record.count <= threshold && record.sites.size > 0) sites.clear(record.sites)
    }
  }

  *records() {
    for (const emitter of this.#known) yield* emitter.events.values()
  }

  clear() {
    for (const emitter of this.#known) this.#drop(emitter)
  }
}

module.exports = { Registry }
