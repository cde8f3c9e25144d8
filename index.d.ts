/**
 * leakguard watches the Node process that loads it: whether its memory grows for good, since when, how fast, who is
 * guilty, and how long is left.
 *
 * Sizes are bytes. Durations are milliseconds unless the name says seconds. Points in time are epoch milliseconds.
 * Shares and ratios run from 0 to 1. Errors are `TypeError` or `RangeError` with a `code` (see {@link LeakguardErrorCode}).
 *
 * @packageDocumentation
 */

/// <reference types="node" />

import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'

// ---- watching

/**
 * Starts watching this thread and returns its guard.
 *
 * There is one guard for each thread. A second call returns the same one with the new options merged in: `name`,
 * `version`, `limits`, `evidence`, `restart`, `listeners`, `profile`, `maxPause`, `gcBudget`, `floorInterval` and
 * `interval` change while it runs; of the others only what no earlier call gave explicitly. Explicit options win over
 * `LEAKGUARD_*` variables, and these over the preset. It never keeps the process alive.
 *
 * With `LEAKGUARD=off` in the environment the guard is inert: state `'off'`, a report that says so, no cost.
 *
 * @throws TypeError `ERR_LEAKGUARD_INVALID_ARG_TYPE`, `ERR_LEAKGUARD_OPTION_UNKNOWN` (with a guess at what was meant)
 * @throws RangeError `ERR_LEAKGUARD_OUT_OF_RANGE`
 * @throws TypeError `ERR_LEAKGUARD_GUARD_CONFLICT` when a second call asks for what cannot change
 * @throws Error `ERR_LEAKGUARD_BINARY_MISSING` when no native binary fits this platform
 *
 * @example
 * ```js
 * const { watch } = require('leakguard')
 * const guard = watch({ name: 'shop' })
 * guard.on('leak', ({ report }) => console.error(report.suspects[0]?.title))
 * ```
 */
export function watch(options?: WatchOptions): Guard

export interface WatchOptions {
  /**
   * `'dev'` gives a first verdict within a minute: samples every 500 ms, floors every 2 s, a warm-up of 8 s, a
   * `gcBudget` of 0.1 and profiling from the start. Default `'production'`. Variable `LEAKGUARD_PRESET`.
   */
  preset?: 'production' | 'dev'
  /** Milliseconds between samples, an integer from 10 to 3600000. Default 1000. Variable `LEAKGUARD_INTERVAL`. */
  interval?: number
  /**
   * Milliseconds wanted between floors (sizes right after a full collection) while steady, an integer from 10 to
   * 86400000; a quarter of it under suspicion. Default 120000. Variable `LEAKGUARD_FLOOR_INTERVAL`.
   */
  floorInterval?: number
  /**
   * Share of one core's time, helper threads included, that nudged collections may take, from 0 to 1; 0 relies on V8's
   * own collections alone. Default 0.01. Variable `LEAKGUARD_GC_BUDGET`.
   */
  gcBudget?: number
  /**
   * Milliseconds: the longest stop that an automatic action may be expected to cause, an integer from 1 to 60000.
   * Default 50. Variable `LEAKGUARD_MAX_PAUSE`.
   */
  maxPause?: number
  /** Milliseconds: the same for a fork, an integer from 1 to 60000. Default 150. Reserved: nothing forks yet. */
  forkPause?: number
  /** Milliseconds before a verdict may be given, an integer from 0 to 86400000. Default 600000. Variable `LEAKGUARD_WARMUP`. */
  warmup?: number
  /**
   * How listeners are counted. `'auto'` (default): with every sample on `process` and other emitters that live long, and
   * wherever Node warns; `EventEmitter.prototype.on` and its kin are patched only while there is suspicion, to learn the
   * lines that add. `true`: patched always. `false`: not counted. `threshold`: listeners of one event from which an
   * emitter is hot, an integer from 1 to 1000000, default 10. Variable `LEAKGUARD_LISTENERS` (auto, on, off or a number).
   */
  listeners?: 'auto' | boolean | { threshold?: number }
  /** When allocations are sampled; `'auto'` (default): under suspicion. Variable `LEAKGUARD_PROFILE`. */
  profile?: 'auto' | 'always' | 'off'
  /** Who looks closer. Default `'auto'`. Variable `LEAKGUARD_PROBE`. Reserved: looks are taken in the process so far. */
  probe?: 'auto' | 'inline' | 'off'
  /** Shares of the memory budget at which pressure is `warn` (default 0.7) and `critical` (default 0.9), from 0.01 to 1. */
  limits?: { warn?: number; critical?: number }
  /**
   * Where evidence goes, or `false` (default). `maxBytes` an integer from 65536 (default 67108864), `keep` an integer
   * from 1 to 10000 (default 10). Reserved: checked, and nothing is written yet.
   */
  evidence?: false | { dir: string; maxBytes?: number; keep?: number; snapshots?: boolean }
  /**
   * A restart at a share of the budget (0.01 to 1, default 0.9); `timeout` in milliseconds from 0 to 3600000 (default
   * 30000). Reserved: checked, and nothing restarts yet.
   */
  restart?: { atShare?: number; drain?: (reason: string) => Promise<void>; timeout?: number } | null
  /** Shown in reports, at most 200 characters. Variable `LEAKGUARD_NAME`. */
  name?: string | null
  /** Shown in reports, at most 200 characters; marks deployments. Variable `LEAKGUARD_VERSION`. */
  version?: string | null
}

/** The options in force, every default filled in; frozen. */
export interface FullOptions extends Required<Omit<WatchOptions, 'limits' | 'listeners' | 'evidence'>> {
  readonly limits: { readonly warn: number; readonly critical: number }
  readonly listeners: { readonly mode: 'auto' | 'armed' | 'off'; readonly threshold: number }
  readonly evidence:
    false | { readonly dir: string; readonly maxBytes: number; readonly keep: number; readonly snapshots: boolean }
}

/** Where the process stands. `off` only with `LEAKGUARD=off`. */
export type State = 'warming' | 'steady' | 'suspect' | 'leaking' | 'recovered' | 'off'

/** How full the fuller budget is; `critical` has been held for 30 seconds. */
export type Pressure = 'ok' | 'warn' | 'critical'

export interface GuardEvents {
  /** After each sample. */
  sample: [sample: Sample]
  /** After each floor. */
  floor: [floor: FloorEvent]
  /** Growth that lasts; nobody is named yet. */
  suspect: [event: TransitionEvent]
  /** Growth that lasts, and somebody who explains half of it. */
  leak: [event: TransitionEvent]
  /** Flat or falling for a whole window. */
  recovered: [event: TransitionEvent]
  /** The pressure changed. */
  pressure: [event: PressureEvent]
  /** Reserved: evidence has been written. */
  evidence: [event: unknown]
  /** Reserved: the process should drain and end. */
  drain: [event: unknown]
}

/**
 * Watches one thread. Made by {@link watch} only. Each event is published on the diagnostics channel `leakguard:<event>`
 * too. A handler that throws becomes a warning, never an exception in the app.
 */
export interface Guard extends EventEmitter {
  readonly state: State
  readonly pressure: Pressure
  /** What it watches with, every default filled in. */
  readonly options: FullOptions
  /** The whole report as plain JSON: under a millisecond, no I/O, never throws. */
  report(): Report
  /**
   * Samples between two times (epoch milliseconds), oldest first, from the finest resolution that reaches back so far:
   * 1 s for 10 minutes, 10 s for 2 hours, 1 minute for 48 hours.
   */
  history(range?: HistoryRange): HistoryRow[]
  /** Takes a sample now. */
  sample(): Sample
  /** Ends watching: timers, observers, patches and the inspector session go. Calling it again does nothing. */
  stop(): void
  [Symbol.dispose](): void

  on<K extends keyof GuardEvents>(event: K, listener: (...args: GuardEvents[K]) => void): this
  on(event: string | symbol, listener: (...args: any[]) => void): this
  once<K extends keyof GuardEvents>(event: K, listener: (...args: GuardEvents[K]) => void): this
  once(event: string | symbol, listener: (...args: any[]) => void): this
  off<K extends keyof GuardEvents>(event: K, listener: (...args: GuardEvents[K]) => void): this
  off(event: string | symbol, listener: (...args: any[]) => void): this
}

export interface HistoryRange {
  /** Epoch milliseconds. Default: the oldest. */
  from?: number
  /** Epoch milliseconds. Default: now. */
  to?: number
  /** The most samples wanted. Default 600. */
  points?: number
}

// ---- what it says

/** Everything that is known, as plain JSON; /health, metrics and events show parts of it. */
export interface Report {
  name: string | null
  version: string | null
  pid: number
  threadId: number
  /** When it was made. */
  at: number
  /** Milliseconds since the process began. */
  uptime: number
  state: State
  pressure: Pressure
  /** When `state` was entered. */
  since: number
  /** Seconds until a verdict can be given; null once it can. */
  readyInSeconds: number | null
  /** Why the state is what it is, in words. */
  reasons: string[]
  verdict: Verdict
  memory: Memory
  budgets: Budgets
  gc: Collections
  /** Utilization of the last interval, 0 to 1; null when nobody measured it. */
  eventLoop: { utilization: number | null }
  work: { requests: number; perMinute: number }
  /** Who may be guilty, the most likely first. */
  suspects: Suspect[]
  listeners: ListenerReport[]
  collections: unknown[]
  advice: Advice[]
  /** leakguard's account of itself. */
  self: SelfReport
}

export interface Verdict {
  leak: boolean
  state: State
  /** When the growth began; null if there is none. */
  since: number | null
  bytesPerMinute: number
  /** Lower and upper end for `bytesPerMinute`. */
  interval: [low: number, high: number]
  /** Null when the growth does not go with requests. */
  bytesPerRequest: number | null
  /** The window that carries the verdict: 'short', '2h', '12h', '48h', ... */
  window: string
  windowMs: number
  /** Floors in that window. */
  floors: number
  /** The test statistic of its trend (Mann-Kendall); significant above 2.58. */
  z: number
  /** Seconds until the nearer budget is full; null without a significant trend. */
  etaSeconds: number | null
  etaInterval: [low: number, high: number] | null
  etaBudget: 'heap' | 'container' | null
}

export interface Memory {
  heapUsed: number
  heapTotal: number
  /** V8's own figure. It is not the budget: see {@link Budgets}. */
  heapSizeLimit: number | null
  external: number
  arrayBuffers: number
  rss: number
  /** Resident memory that is neither heap nor external. */
  native: number
  /** The size right after the last full collection; `natural` unless leakguard nudged it. */
  floor: { bytes: number; heap: number; external: number; at: number; natural: boolean } | null
  spaces: { new: number; old: number; code: number; large: number } | null
}

export interface Budget {
  limit: number
  used: number
  /** used / limit */
  share: number
  etaSeconds: number | null
  etaInterval: [low: number, high: number] | null
}

export interface Budgets {
  /** The old generation's limit, at which V8 gives up, against the heap in use. */
  heap: Budget | null
  /** The container's limit, else the machine's memory, against all of the process. */
  container: (Budget & { source: 'cgroup2' | 'cgroup1' | 'machine' }) | null
}

/** Garbage collections since watching began. */
export interface Collections {
  minor: number
  major: number
  /** Milliseconds stopped, in all. */
  pause: number
  /** The longest stop, milliseconds. */
  longest: number
  perMinute: number
}

/** One who may be guilty. */
export interface Suspect {
  kind: 'site' | 'class' | 'listener' | 'collection' | 'external' | 'timer' | 'handle' | 'promise' | 'native'
  /** One line that a person can act on: `requestLog.push in logMiddleware (app.js:14) +3.2 MB/min`. */
  title: string
  /** The npm package that owns the frames. */
  package?: string
  className?: string
  emitter?: string
  event?: string
  /** Innermost first. */
  frames?: Frame[]
  /** Retention path from a GC root, outermost first. */
  path?: string[]
  /** What to do about it. */
  fix: string
  /** Where to read on. */
  docs?: string
  bytes: number
  count?: number
  /** Bytes per minute. */
  perMinute?: number
  perIteration?: number
  /** Share of the growth that it explains, 0 to 1. */
  share: number
}

export interface Frame {
  function: string
  file: string
  /** 1-based. */
  line: number
  /** 1-based. */
  column: number
}

/** Many listeners of one event on one emitter or event target. */
export interface ListenerReport {
  className: string
  /** A symbol appears as `Symbol(name)`. */
  event: string
  count: number
  /** Listeners per minute; null when no guard has followed them. */
  perMinute: number | null
  threshold: number
  /** Where most of them are added, innermost first; known once armed. */
  frames?: Frame[]
  /** How it was found: an emitter that lives long, Node's warning, the armed patch, or `process` itself. */
  origin: 'census' | 'warning' | 'armed' | 'process'
  rising: boolean
}

export interface Advice {
  code: string
  message: string
}

export interface SelfReport {
  samples: number
  /** `reasons` counts why nudges were refused. */
  floors: { natural: number; nudged: number; refused: number; reasons: Record<string, number> }
  /** `cpu` and `longestStop` in milliseconds, `share` of one core, `lift` in bytes on loan right now. */
  nudge: { cpu: number; share: number; longestStop: number; lift: number }
  /** `foreign`: somebody else's sampler runs, so ours does not. `longestPause` in milliseconds. */
  profile: { armed: boolean; reads: number; longestPause: number; refused: number; foreign: boolean }
  /** Stops that leakguard caused: how many exceeded `maxPause`, and the longest in milliseconds. */
  pauses: { over: number; longest: number }
  /** Milliseconds of CPU, estimated. */
  cpu: number
  /** Native bytes held. */
  bytes: number
  /** What is switched off or refused, and why. */
  off: { what: string; why: string }[]
}

/** One look at the process. Counts (collections, requests, CPU) are since the sample before. */
export interface Sample {
  /** Epoch milliseconds. */
  at: number
  heapUsed: number
  heapTotal: number
  /** V8's own figure for young and old generation together. */
  heapSizeLimit: number
  external: number
  arrayBuffers: number
  rss: number
  /** In use in the container, without page cache that can be had back. */
  containerUsed: number
  /** The container's limit, else the machine's memory. */
  containerLimit: number
  newSpace: number
  oldSpace: number
  codeSpace: number
  largeSpace: number
  /** Event loop utilization of the interval, 0 to 1. */
  utilization: number
  /** What V8 itself took through malloc. */
  malloced: number
  gcMinor: number
  gcMajor: number
  /** Milliseconds stopped in collections. */
  gcPause: number
  /** The longest of these stops, milliseconds. */
  gcLongest: number
  requests: number
  /** Milliseconds of CPU of the process. */
  cpu: number
}

/** A stretch of history: its last sample, counts summed, and the extremes in between. */
export interface HistoryRow extends Sample {
  heapUsedMin: number
  heapUsedMax: number
  externalMin: number
  externalMax: number
  rssMin: number
  rssMax: number
}

export interface FloorEvent {
  /** `heap` and `external` together. */
  bytes: number
  heap: number
  external: number
  /** V8 collected by itself, not nudged. */
  natural: boolean
  /** Milliseconds from the first step to the end. */
  took: number
  /** The longest stop on the way, milliseconds. */
  longestStop: number
  /** Milliseconds of CPU, helper threads included; null when nobody measured it. */
  cpu: number | null
}

export interface TransitionEvent {
  from: State
  to: State
  /** Why, in words. */
  reasons: string[]
  report: Report
}

export interface PressureEvent {
  /** The level that was entered. */
  pressure: Pressure
  at: number
  /** Used shares of the two budgets, 0 to 1. */
  heap: number
  container: number
}

// ---- health

export interface HealthOptions<Req = IncomingMessage> {
  /** Answer only this path (without query); others go to `next()`, or get 404. Default: every path. */
  path?: string
  /**
   * `'full'` (default) shows the report; `'readiness'` shows the checks, and alone may answer 503: under `critical`
   * pressure; `'liveness'` says that the process answers, and never fails on memory.
   */
  form?: 'full' | 'readiness' | 'liveness'
  /**
   * Who sees names (files, packages, stacks, events): a boolean, or a function of the request that returns `true`; what
   * it throws counts as `false`. Default: peers on loopback, without forwarding headers and with a local Host. Others
   * get status and numbers.
   */
  details?: boolean | ((req: Req) => boolean)
}

/** A handler for node:http, Connect and Express. */
export type HealthHandler = (req: any, res: any, next?: (error?: any) => void) => void

export interface HealthFunction {
  /**
   * A request handler that shows the guard's report as JSON: `application/json`, or `application/health+json` if Accept
   * names it. GET and HEAD; other methods go to `next()`, or get 405. It never throws and does no I/O. Without a
   * guard it starts watching. `pass` and `warn` answer 200.
   *
   * @throws TypeError `ERR_LEAKGUARD_INVALID_ARG_TYPE`, `ERR_LEAKGUARD_OPTION_UNKNOWN` when it is made
   * @throws RangeError `ERR_LEAKGUARD_OUT_OF_RANGE` when it is made
   *
   * @example
   * ```js
   * const express = require('express')
   * const { health } = require('leakguard')
   * const app = express()
   * app.get('/health', health())
   * ```
   */
  <Req = IncomingMessage>(guard?: Guard, options?: HealthOptions<Req>): HealthHandler
  <Req = IncomingMessage>(options: HealthOptions<Req>): HealthHandler
  /** `health()` with `form: 'readiness'`. */
  readiness<Req = IncomingMessage>(guard?: Guard, options?: Omit<HealthOptions<Req>, 'form'>): HealthHandler
  /** `health()` with `form: 'liveness'`. */
  liveness<Req = IncomingMessage>(guard?: Guard, options?: Omit<HealthOptions<Req>, 'form'>): HealthHandler
}

export const health: HealthFunction

export type HealthStatus = 'pass' | 'warn' | 'fail'

/** One entry of {@link HealthBody.checks}. */
export interface HealthCheck {
  componentType: string
  observedValue: number | null
  observedUnit: string
  status: HealthStatus
  /** ISO 8601. */
  time: string
  limit?: number
  share?: number
  etaSeconds?: number | null
  slopeBytesPerMinute?: number
  output?: string
  [more: string]: unknown
}

/** What /health answers. What names something is there with details only. */
export interface HealthBody extends Partial<Omit<Report, 'version' | 'collections'>> {
  status: HealthStatus
  /** Of this format: '1'. The app's version is `releaseId`. */
  version: string
  /** Keys are `component:measurement`: `memory:heapFloor`, `memory:rss`, `memory:container`, `listeners:process#SIGTERM`. */
  checks?: Record<string, HealthCheck[]>
  serviceId?: string | null
  releaseId?: string | null
  notes?: string[]
  /** What is wrong with leakguard itself. */
  output?: string
  /** With details a list, else how many. */
  collections?: unknown[] | number
}

/**
 * The same figures as Prometheus text (exposition format 0.0.4, `text/plain; version=0.0.4`); every name begins with
 * `leakguard_`. Without a guard it starts watching. Never throws: `leakguard_up 0` says that nobody watches.
 *
 * @example
 * ```js
 * app.get('/metrics', (req, res) => res.type('text/plain; version=0.0.4').send(metrics()))
 * ```
 */
export function metrics(guard?: Guard): string

// ---- listeners

/**
 * Listeners by event name, read from an emitter, an EventTarget or an AbortSignal. Symbols appear as `Symbol(name)`,
 * events without listeners do not appear, nor does leakguard's own listener on `process`.
 *
 * @throws TypeError `ERR_LEAKGUARD_INVALID_ARG_TYPE`
 * @throws Error `ERR_LEAKGUARD_TARGET_UNREADABLE` when the target throws on being read
 *
 * @example
 * ```js
 * countListeners(process) // { SIGTERM: 301, ... }
 * ```
 */
export function countListeners(target: EventEmitter | EventTarget): Record<string, number>

/**
 * Emitters and targets with more than `threshold` listeners of one event (an integer from 1 to 1000000, default 10), the
 * fullest first. Without a running guard only `process` and other emitters that live long are known.
 *
 * @throws TypeError `ERR_LEAKGUARD_INVALID_ARG_TYPE`, `ERR_LEAKGUARD_OPTION_UNKNOWN`
 * @throws RangeError `ERR_LEAKGUARD_OUT_OF_RANGE`
 */
export function hotListeners(options?: { threshold?: number }): ListenerReport[]

// ---- errors

/** The `code` of errors. */
export type LeakguardErrorCode =
  | 'ERR_LEAKGUARD_INVALID_ARG_TYPE'
  | 'ERR_LEAKGUARD_OUT_OF_RANGE'
  | 'ERR_LEAKGUARD_OPTION_UNKNOWN'
  | 'ERR_LEAKGUARD_GUARD_CONFLICT'
  | 'ERR_LEAKGUARD_BINARY_MISSING'
  | 'ERR_LEAKGUARD_TARGET_UNREADABLE'
  | 'ERR_LEAKGUARD_SWITCHED_OFF'
  | 'ERR_LEAKGUARD_INTERNAL'
