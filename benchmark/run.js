'use strict'

// `npm run bench [-- http micro floors] [--quick] [--few]`: measures, writes benchmark/record/<date>.json and fills
// the tables of docs/benchmarks.md from it. A part that is not measured keeps the figures of the last record.

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { write } = require('./tables')

const PARTS = { http: './http', micro: './micro', floors: './floors' }
// Enough to see that the harness works; nothing to publish.
const QUICK = { rounds: 2, seconds: 1, floors: 4, colds: 1 }
// A dozen floors of each kind: for other versions of Node beside a full record.
const FEW = { floors: 12, colds: 3 }
const RECORDS = path.join(__dirname, 'record')

async function main() {
  const words = process.argv.slice(2)
  const quick = words.includes('--quick')
  const few = words.includes('--few')
  const unknown = words.filter((word) => word !== '--quick' && word !== '--few' && !Object.hasOwn(PARTS, word))
  if (unknown.length > 0) throw new Error(`Unknown: ${unknown.join(', ')}. Known: ${Object.keys(PARTS).join(', ')}`)
  const wanted = Object.keys(PARTS).filter((part) => words.includes(part))
  const parts = wanted.length > 0 ? wanted : Object.keys(PARTS)
  if (parts.includes('http')) installPeers()
  const began = Date.now()
  const progress = (text) => console.log(`${text} (${Math.round((Date.now() - began) / 1000)} s)`)
  const record = { ...(quick ? {} : latest()), at: new Date().toISOString(), machine: machine() }
  for (const part of parts) {
    const measured = await require(PARTS[part]).measure({ ...(quick ? QUICK : few && FEW), progress })
    keep(record, part, { ...measured, node: process.version })
  }
  if (quick) return console.log(JSON.stringify(record, null, 2))
  const file = path.join(RECORDS, `${record.at.slice(0, 10)}.json`)
  fs.mkdirSync(RECORDS, { recursive: true })
  fs.writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`)
  write(record)
  console.log(`written: ${path.relative(process.cwd(), file)} and docs/benchmarks.md`)
}

/** Floors differ by version of Node: those of another one stand beside the record's own. */
function keep(record, part, measured) {
  const major = (version) => version?.split('.', 1)[0]
  const own = major(record[part]?.node) ?? major(process.version)
  if (part !== 'floors' || own === major(process.version)) record[part] = measured
  else record.otherFloors = { ...record.otherFloors, [major(process.version)]: measured }
}

function latest() {
  if (!fs.existsSync(RECORDS)) return {}
  const names = fs
    .readdirSync(RECORDS)
    .filter((name) => name.endsWith('.json'))
    .sort()
  return names.length === 0 ? {} : JSON.parse(fs.readFileSync(path.join(RECORDS, names.at(-1)), 'utf8'))
}

function machine() {
  const [cpu] = os.cpus()
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GB`
  return { node: process.version, cpu: cpu?.model, cores: os.availableParallelism(), memory, system: os.type() }
}

/** What leakguard is measured against is not needed for anything else, and so is fetched here only. */
function installPeers() {
  const home = path.join(__dirname, 'peers')
  if (fs.existsSync(path.join(home, 'node_modules', 'prom-client'))) return
  console.log('installing the peers to measure against')
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
    cwd: home,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
