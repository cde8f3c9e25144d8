'use strict'

// The watcher of one thread: takes samples and floors, feeds them to the native side, which decides, and does what it
// asks. Nothing here keeps the process alive or throws into a timer; a user's handler that throws becomes a warning.

const { EventEmitter } = require('events')
const { Deliverer } = require('./deliverer')
const { Floors } = require('./floors')
const { Investigator } = require('./investigator')
const { ListenerWatch } = require('./listeners')
const { Nudger } = require('./nudger')
const { Sampler } = require('./sampler')
const { nativeSettings } = require('./settings')
const { Turns } = require('./turns')
const work = require('./work')

const ORIGIN = { natural: 0, nudged: 1, read: 2 }
const SOONEST = 20 // ms between two looks at the plan

class Guard extends EventEmitter {
  #options
  #monitor
  #floors
  #nudger
  #sampler
  #listeners
  #investigator
  #deliverer = new Deliverer(this)
  #turns = new Turns((error) => this.#deliverer.fault(error))
  #native
  #onStop
  #stopped = false
  #nudge = null // figures of the nudge that has just ended, until its floor is told

  constructor(options, native, onStop) {
    super()
    this.#options = options
    this.#onStop = onStop
    this.#native = native
    this.#monitor = new native.Monitor(nativeSettings(options))
    this.#floors = new Floors((floor) => this.#onMajor(floor))
    this.#nudger = new Nudger(native.adjust, this.#floors)
    this.#sampler = new Sampler(this.#floors, work)
    work.start()
    this.#floors.start()
    this.#listen()
    if (options.profile === 'always') this.#investigator.arm(options.profile)
    this.#look()
    this.#turns.start('sample', options.interval, () => this.#onSampleTurn())
    this.#turns.start('floor', SOONEST, () => this.#onFloorTurn())
  }

  /** What it watches with: frozen, with every default filled in. */
  get options() {
    return this.#options
  }
  get state() {
    return this.#monitor.state()
  }
  get pressure() {
    return this.#monitor.pressure()
  }

  /** The whole report, as plain JSON. Under 1 ms, no I/O. */
  report() {
    const status = this.#investigator.status(this.#options.profile)
    const off = [...this.#listeners.off, ...status.off]
    if (this.#stopped) off.push({ what: 'guard', why: 'stop() was called' })
    return JSON.parse(this.#monitor.report(JSON.stringify({ ...status, off, lift: this.#nudger.lift })))
  }

  /** Samples between two times (epoch ms), from the finest resolution that reaches back far enough. */
  history({ from = 0, to = Number.MAX_SAFE_INTEGER, points = 600 } = {}) {
    return JSON.parse(this.#monitor.history(from, to, points))
  }

  /** Takes a sample now and returns it. */
  sample() {
    if (!this.#stopped) this.#look()
    return JSON.parse(this.#monitor.last())
  }

  /** Changes what can change while it runs; `watch()` calls it with merged options. */
  reconfigure(options) {
    if (this.#stopped) return
    const before = this.#options
    this.#options = options
    // How it judges cannot change in the middle: another preset or warm-up starts the judgement anew.
    const anew = options.preset !== before.preset || options.warmup !== before.warmup
    if (anew) this.#monitor = new this.#native.Monitor(nativeSettings(options))
    else this.#monitor.configure(nativeSettings(options))
    const { mode, threshold } = options.listeners
    if (anew || mode !== before.listeners.mode || threshold !== before.listeners.threshold) {
      this.#investigator.disarm('off')
      this.#listeners.stop()
      this.#listen()
    }
    if (anew) this.#look()
    if (options.profile === 'off') this.#investigator.disarm('off')
    if (options.profile === 'always') this.#investigator.arm('always')
    this.#turns.start('sample', options.interval, () => this.#onSampleTurn())
  }

  /** Ends watching: timers, observers, patches and the inspector session go. A second call does nothing. */
  stop() {
    if (this.#stopped) return
    this.#stopped = true
    this.#turns.stop()
    this.#nudger.cancel()
    this.#floors.stop()
    this.#investigator.disarm('off')
    this.#listeners.stop()
    work.stop()
    this.#onStop(this)
  }

  #listen() {
    this.#listeners = new ListenerWatch(this.#options.listeners)
    this.#listeners.start()
    this.#investigator = new Investigator({
      monitor: this.#monitor,
      floors: this.#floors,
      nudger: this.#nudger,
      listeners: this.#listeners,
      onFloor: (floor) => this.#tell(floor, ORIGIN.read),
      onNudged: (figures) => this.#onNudged(figures),
      onNews: () => this.#deliver(),
    })
  }

  #onSampleTurn() {
    this.#look()
    this.#floors.pace(this.#monitor.collectionsPerSecond())
    this.#investigator.discard()
    this.#investigator.count(this.#options.interval)
    if (this.#deliverer.heard('sample')) this.#deliverer.tell('sample', JSON.parse(this.#monitor.last()))
    return this.#options.interval
  }

  /** Asks for the plan and nudges when it is time; returns ms until the plan is asked for again. */
  #onFloorTurn() {
    if (this.#nudger.busy) return SOONEST
    this.#investigator.follow(this.#options.profile)
    if (this.#nudger.busy) return SOONEST
    const wait = this.#monitor.plan()
    if (wait < 0) return Math.min(this.#options.floorInterval, 60_000)
    if (wait > 0) return Math.min(Math.max(wait, SOONEST), this.#options.interval)
    this.#nudger.start((figures) => this.#onNudged(figures))
    return SOONEST
  }

  #onNudged(figures) {
    const { cpu, stepped, took, longest, finished, acted } = figures
    this.#nudge = figures
    this.#monitor.nudged(cpu, stepped, took, longest, acted ? 2 : Number(finished))
  }

  #onMajor(floor) {
    if (this.#stopped) return
    try {
      const { busy } = this.#nudger
      if (busy) this.#nudger.seen(floor.pause)
      this.#tell(floor, busy ? ORIGIN.nudged : ORIGIN.natural)
    } catch (error) {
      this.#deliverer.fault(error)
    }
  }

  #tell({ heap, external, pause }, kind) {
    const nudge = kind === ORIGIN.nudged ? this.#nudge : null
    const longestStop = nudge?.longest ?? pause
    const news = this.#monitor.floor(heap, external, kind, work.total, longestStop)
    if (this.#deliverer.heard('floor')) {
      const cost = { took: nudge?.took ?? pause, longestStop, cpu: nudge?.cpu ?? null }
      this.#deliverer.tell('floor', {
        bytes: heap + external,
        heap,
        external,
        natural: kind === ORIGIN.natural,
        ...cost,
      })
    }
    if (news) this.#deliver()
  }

  #look() {
    if (this.#monitor.sample(this.#sampler.look())) this.#deliver()
  }

  #deliver() {
    for (const { name, ...message } of JSON.parse(this.#monitor.events())) {
      this.#deliverer.tell(name, name === 'pressure' ? message : { ...message, report: this.report() })
    }
  }
}

Guard.prototype[Symbol.dispose ?? Symbol.for('nodejs.dispose')] = Guard.prototype.stop

module.exports = { Guard }
