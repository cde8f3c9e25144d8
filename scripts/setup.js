'use strict'

// Everything between a fresh clone and a usable checkout: packages and the native build. Nothing
// is done twice: `npm ci` runs when package-lock.json has changed since the last one, cargo when a
// source has.

const { spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { ROOT, fail, seconds, step } = require('./steps')
const { requireTools } = require('./tools')

const at = (...parts) => path.join(ROOT, ...parts)
const PACKAGES = at('node_modules', '.leakguard-setup')
const BUILD = at(process.env.CARGO_TARGET_DIR ? 'node_modules' : 'target', '.leakguard-setup')
const SOURCES = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'rust-toolchain.toml', 'package.json', 'src']

async function setup({ force = false } = {}) {
  const from = Date.now()
  requireTools()
  const packages = await installPackages()
  const build = await buildBinary(force)
  console.log(`set-up: packages ${packages}, native build ${build} (${seconds(from)})`)
}

async function installPackages() {
  const wanted = hash(['package-lock.json'])
  if (read(PACKAGES) === wanted) return 'up to date'
  const { npm_execpath: cli } = process.env
  const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const script = cli?.endsWith('.js') ? [process.execPath, [cli, ...flags]] : ['npm', flags]
  if (!(await step('npm ci: packages for development', ...script))) {
    fail('The packages could not be installed; npm says why above. Is the npm registry within reach?')
  }
  write(PACKAGES, wanted)
  return 'installed'
}

async function buildBinary(force) {
  const wanted = hash(SOURCES)
  if (!force && read(BUILD) === wanted && loads()) return 'up to date'
  const cli = at('node_modules', '@napi-rs', 'cli', 'dist', 'cli.js')
  const flags = ['build', '--platform', '--release', '--no-js', '--dts', 'lib/native.d.ts']
  const title = 'napi build: the native addon (a minute or two the first time)'
  if (!(await step(title, process.execPath, [cli, ...flags]))) {
    fail('The native addon could not be built; cargo says why above. Is the crate registry within reach?')
  }
  if (!loads()) fail('The native addon was built but does not load: try `rm -rf target *.node` and again.')
  write(BUILD, wanted)
  return 'made'
}

/** In a process of its own: a binary that is loaded here could not be replaced safely. */
function loads() {
  const script = "require('./lib/native').load()"
  const env = { ...process.env, NODE_OPTIONS: '', LEAKGUARD_BINARY: '' }
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: ROOT, env, encoding: 'utf8' })
  if (status !== 0 && !stderr.includes('ERR_LEAKGUARD_BINARY_MISSING')) console.error(stderr)
  return status === 0
}

function hash(names) {
  const sum = createHash('sha256').update(process.platform + process.arch)
  for (const file of names.flatMap(files)) sum.update(`\0${file}\0`).update(fs.readFileSync(at(file)))
  return sum.digest('hex')
}

function files(name) {
  if (!fs.existsSync(at(name))) return []
  if (!fs.statSync(at(name)).isDirectory()) return [name]
  const inside = fs.readdirSync(at(name)).sort()
  return inside.flatMap((each) => files(path.posix.join(name, each)))
}

function read(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''
}

function write(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
}

if (require.main === module) {
  setup({ force: process.argv.includes('--force') }).catch((error) => fail(error.stack))
}

module.exports = { setup }
