'use strict'

// Loads the native binary, and nothing else: a local build beside the package first, then the
// platform package that npm installed. On Linux both C libraries are tried in turn: the wrong one
// fails to load cleanly, and asking Node which it is (process.report) costs 20 ms.

const path = require('node:path')

const ROOT = path.dirname(__dirname)
const SUFFIXES = { linux: ['-gnu', '-musl'], win32: ['-msvc'] }
let binding

/** -> the native binding, loaded once. @throws Error ERR_LEAKGUARD_BINARY_MISSING */
function load() {
  binding ??= find()
  return binding
}

function find() {
  const tried = []
  for (const place of places()) {
    try {
      const found = require(place)
      if (typeof found.Monitor === 'function') return found
      tried.push(`${place}: not a binary of leakguard`)
    } catch (error) {
      const text = error?.code === 'MODULE_NOT_FOUND' ? 'not found' : String(error?.message ?? error)
      tried.push(`${place}: ${text.split('\n', 1)[0]}`)
    }
  }
  throw missing(tried)
}

/** Where a binary may be, the likeliest first. LEAKGUARD_BINARY names the one file to use. */
function places() {
  const { LEAKGUARD_BINARY: chosen } = process.env
  if (chosen) return [path.resolve(chosen)]
  const { platform, arch } = process
  const names = (SUFFIXES[platform] ?? ['']).map((suffix) => `${platform}-${arch}${suffix}`)
  const files = names.map((name) => path.join(ROOT, `leakguard.${name}.node`))
  return [...files, ...names.map((name) => `@leakguard/${name}`)]
}

function missing(tried) {
  const text = [
    `No native binary of leakguard loads here (${process.platform} ${process.arch}, Node ${process.version}).`,
    ...tried.map((each) => `  tried ${each}`),
    'Install leakguard on the platform that runs it, without --omit=optional; in a clone: npm run setup',
  ].join('\n')
  return Object.assign(new Error(text), { code: 'ERR_LEAKGUARD_BINARY_MISSING' })
}

module.exports = { load }
