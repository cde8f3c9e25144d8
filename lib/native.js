'use strict'

// Loads the native binary, and nothing else: a local build beside the package first, then the platform
// package that npm installed. On Linux both C libraries are tried in turn: the wrong one fails to load
// cleanly, and asking Node which it is (process.report) costs 20 ms.

const fs = require('node:fs')
const path = require('node:path')

const SUFFIXES = { linux: ['-gnu', '-musl'], win32: ['-msvc'] }
let binding

/** -> the native binding, loaded once. @throws Error ERR_LEAKGUARD_BINARY_MISSING */
exports.load = () => (binding ??= find())

function find() {
  const tried = []
  for (const place of places()) {
    try {
      const file = require.resolve(place)
      if (!isWhole(file)) throw new Error('the file is cut off')
      const found = require(file)
      if (typeof found.Monitor === 'function') return found
      throw new Error('not a binary of leakguard')
    } catch (error) {
      const text = error?.code === 'MODULE_NOT_FOUND' ? 'not found' : String(error?.message ?? error)
      tried.push(`  tried ${place}: ${text.split('\n', 1)[0]}`)
    }
  }
  throw missing(tried)
}

/** Where a binary may be, the likeliest first. LEAKGUARD_BINARY names the one file to use. */
function places() {
  const { LEAKGUARD_BINARY: chosen } = process.env
  if (chosen) return [path.resolve(chosen)]
  const names = (SUFFIXES[process.platform] ?? ['']).map((end) => `${process.platform}-${process.arch}${end}`)
  const files = names.map((name) => path.join(__dirname, '..', `leakguard.${name}.node`))
  return files.concat(names.map((name) => `@leakguard/${name}`))
}

/** An ELF file ends with the table that its head announces; glibc maps a shorter one and dies of SIGBUS. */
function isWhole(file) {
  const head = Buffer.alloc(64)
  const handle = fs.openSync(file)
  try {
    fs.readSync(handle, head)
    const end = Number(head.readBigUInt64LE(40)) + head.readUInt16LE(58) * head.readUInt16LE(60)
    return !head.toString('latin1').startsWith('\x7fELF\x02') || fs.fstatSync(handle).size >= end
  } finally {
    fs.closeSync(handle)
  }
}

function missing(tried) {
  const head = `No native binary of leakguard loads here (${process.platform} ${process.arch}, Node ${process.version}).`
  const todo = 'Install leakguard on the platform that runs it, without --omit=optional; in a clone: npm run setup'
  const text = [head, ...tried, todo].join('\n')
  return Object.assign(new Error(text), { code: 'ERR_LEAKGUARD_BINARY_MISSING' })
}
