'use strict'

// What has to be on the machine already: Node, Rust and a C linker. Missing ones are named, with
// the place to get them, before anything long begins.

const { spawnSync } = require('node:child_process')
const { engines } = require('../package.json')
const { ROOT, fail } = require('./steps')

const OLDEST_RUST = [1, 88]

/** Ends the process with a message unless a build can work here. */
function requireTools() {
  requireNode()
  requireRust()
  requireLinker()
}

function requireNode() {
  const wanted = engines.node.replace('>=', '')
  if (isOlder(process.versions.node, wanted.split('.').map(Number))) {
    fail(`Node ${wanted} or later is needed; this is ${process.version}.`)
  }
}

function requireRust() {
  const { found, text, why } = ask('rustc', ['--version'])
  if (!found || !ask('cargo', ['--version']).found) {
    fail(`Rust is needed to build leakguard (cargo and rustc, stable): https://rustup.rs\n${why}`)
  }
  const version = /rustc (\d+\.\d+)/.exec(text)?.[1]
  if (version !== undefined && isOlder(version, OLDEST_RUST)) {
    fail(`Rust ${OLDEST_RUST.join('.')} or later is needed; this is ${version}. Run: rustup update stable`)
  }
}

/** rustc links through `cc` everywhere but on Windows, where it finds Visual Studio by itself. */
function requireLinker() {
  if (process.platform === 'win32' || ask('cc', ['--version']).found) return
  fail(
    'A C linker is needed to build leakguard: the command "cc" was not found.\n' +
      'Debian, Ubuntu: apt-get install gcc libc6-dev · Fedora: dnf install gcc · ' +
      'Alpine: apk add gcc musl-dev · macOS: xcode-select --install',
  )
}

function requireLinters() {
  for (const name of ['fmt', 'clippy']) {
    if (!ask('cargo', [name, '--version']).found) {
      fail(`cargo ${name} is needed for the tests. Run: rustup component add rustfmt clippy`)
    }
  }
}

function ask(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' })
  return { found: status === 0, text: stdout ?? '', why: (error?.message ?? stderr ?? '').trim() }
}

function isOlder(version, [major, minor]) {
  const [first, second] = version.split('.').map(Number)
  return first < major || (first === major && second < minor)
}

module.exports = { requireLinters, requireTools }
