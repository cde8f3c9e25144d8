'use strict'

// Where listeners are added: stacks, interned and counted. A monitor that keeps every stack becomes the leak
// (vscode#329324: 32 MB of them), so one record is kept for each different stack, a few for each event, and a
// record goes when the last event that names it goes.

const path = require('node:path')
const { fileURLToPath } = require('node:url')
const util = require('node:util')

const MAX_SITES = 500
const MAX_PER_EVENT = 8
const MAX_FRAMES = 12
// Room for Node's frames and ours, which are dropped, above the app's.
const DEPTH = 32
const OWN = [path.resolve(__dirname, '..') + path.sep]

const interned = new Map()

/** The app's frames of the present stack, innermost first; empty when they cannot be had unnoticed. */
function capture() {
  // Public since Node 22.9, applies source maps under --enable-source-maps, and touches nothing of the app.
  if (typeof util.getCallSites === 'function') return keep(util.getCallSites(DEPTH).map(fromSite))
  return keep(structured().map(fromCallSite))
}

/**
 * Node 20: V8's structured stack, through Error.prepareStackTrace, swapped and put back before any other code
 * can run. When it cannot be swapped unseen (an accessor, a frozen Error) there are no frames.
 */
function structured() {
  const prepare = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')
  if (!swappable(prepare) || !swappable(limit)) return []
  const put = (name, value) => {
    Object.defineProperty(Error, name, { value, writable: true, enumerable: true, configurable: true })
  }
  const restore = (name, held) => {
    if (held === undefined) delete Error[name]
    else Object.defineProperty(Error, name, held)
  }
  try {
    put('prepareStackTrace', (_, sites) => sites)
    put('stackTraceLimit', DEPTH)
    const { stack } = new Error('stack')
    return Array.isArray(stack) ? stack : []
  } finally {
    restore('prepareStackTrace', prepare)
    restore('stackTraceLimit', limit)
  }
}

function swappable(held) {
  return held === undefined ? Object.isExtensible(Error) : held.writable === true && held.configurable
}

/** Whether stacks can be taken here at all. */
function possible() {
  if (typeof util.getCallSites === 'function') return true
  return ['prepareStackTrace', 'stackTraceLimit'].every((name) =>
    swappable(Object.getOwnPropertyDescriptor(Error, name)),
  )
}

function fromSite({ functionName, scriptName, lineNumber, column, columnNumber }) {
  return { function: functionName, file: scriptName, line: lineNumber, column: columnNumber ?? column ?? 0 }
}

function fromCallSite(site) {
  return {
    function: site.getFunctionName() ?? '',
    file: site.getFileName() ?? '',
    line: site.getLineNumber() ?? 0,
    column: site.getColumnNumber() ?? 0,
  }
}

/** Frames out of an error's printed stack: all that Node's warning leaves us. */
function parse(stack) {
  if (typeof stack !== 'string') return []
  const frames = []
  // Bounded before it is split: the text belongs to the app, and may be of any size.
  for (const line of stack.slice(0, 16_384).split('\n')) {
    const found = /^\s+at (?:(?:async )?(.{1,200}?) \()?([^()\s].{0,1000}?):(\d{1,9}):(\d{1,9})\)?$/.exec(line)
    if (found === null) continue
    frames.push({ function: plain(found[1]), file: found[2], line: Number(found[3]), column: Number(found[4]) })
  }
  return keep(frames)
}

/** 'Server.<anonymous>' and 'Foo.bar [as baz]' as the structured stack would name them. */
function plain(name = '') {
  const short = name.replace(/ \[as [^\]]*\]$/, '').replace(/^(?:new|async) /, '')
  const last = short.slice(short.lastIndexOf('.') + 1)
  return last === '<anonymous>' ? '' : last
}

/** Leaves out Node's frames and ours; file URLs become paths, as in the profiles. */
function keep(frames) {
  const kept = []
  for (const frame of frames) {
    if (!frame.file || frame.file.startsWith('node:')) continue
    const file = frame.file.startsWith('file:') ? toPath(frame.file) : frame.file
    if (OWN.some((root) => file.startsWith(root))) continue
    kept.push({ function: frame.function || '(anonymous)', file, line: frame.line, column: frame.column })
    if (kept.length === MAX_FRAMES) break
  }
  return kept
}

function toPath(url) {
  try {
    return fileURLToPath(url)
  } catch {
    return url
  }
}

/** Counts `frames` in `sites`, one event's Map of records; when it is full the rarest gives way (space-saving). */
function add(sites, frames) {
  if (frames.length === 0) return
  const key = frames.map(({ file, line, column }) => `${file}:${line}:${column}`).join('|')
  let site = interned.get(key)
  if (site === undefined) {
    if (interned.size >= MAX_SITES) return
    site = { key, frames: Object.freeze(frames), users: 0 }
    interned.set(key, site)
  }
  let seen = sites.get(site) ?? 0
  if (seen === 0) {
    site.users++
    if (sites.size >= MAX_PER_EVENT) {
      const [rarest, times] = [...sites].reduce((least, each) => (each[1] < least[1] ? each : least))
      release(sites, rarest)
      seen = times
    }
  }
  sites.set(site, seen + 1)
}

function release(sites, site) {
  sites.delete(site)
  if (--site.users === 0) interned.delete(site.key)
}

function clear(sites) {
  for (const site of sites.keys()) release(sites, site)
}

/** The frames seen most often, or undefined. */
function top(sites) {
  let best
  let most = 0
  for (const [site, seen] of sites) if (seen > most) [best, most] = [site, seen]
  return best?.frames
}

module.exports = {
  add,
  capture,
  clear,
  parse,
  possible,
  top,
  get size() {
    return interned.size
  },
}
