'use strict'

// Fills docs/benchmarks.md from a record: every figure there comes from here.

const fs = require('node:fs')
const path = require('node:path')

const PAGE = path.join(__dirname, '..', 'docs', 'benchmarks.md')
const ms = (value) => (value === null ? '-' : `${value.toFixed(value < 10 ? 2 : 1)} ms`)
const us = (value) => `${value.toFixed(value < 10 ? 2 : 1)} us`
const share = (value) => `${value < 0 ? '' : '+'}${(value * 100).toFixed(2)} %`
const between = ([low, high]) => `${share(low)} to ${share(high)}`

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function http({ watchers, rounds, seconds, rate, nudging, node }) {
  const rows = Object.entries(watchers).map(([name, each]) => [
    name,
    us(each.microsecondsPerRequest.median),
    each.cpu ? `${share(each.cpu.median)} (${between(each.cpu.interval)})` : '',
    ms(each.p99.median),
    each.p99Ratio ? `${share(each.p99Ratio.median)} (${between(each.p99Ratio.interval)})` : '',
  ])
  const head = ['Watcher', 'CPU per request', 'against none', 'p99', 'against none']
  const { floors: nudged, cpu, minutes } = nudging
  const text = `Nudged floors of the watched server in these ${minutes.toFixed(1)} minutes: ${nudged}, which cost
${ms(cpu)} of CPU by its own account: ${((cpu / minutes / 60_000) * 100).toFixed(3)} % of one core.`
  return `${rounds} rounds of ${seconds} s at ${rate} requests/s, Node ${node}.\n\n${table(head, rows)}\n\n${text}`
}

function micro({ calls, listeners, require: required, ownBytes, node }) {
  const rows = Object.entries(calls).map(([name, { median }]) => [name, us(median)])
  for (const [name, { median }] of Object.entries(listeners.nanoseconds)) {
    rows.push([`on() and off(), ${name}`, `${median.toFixed(0)} ns`])
  }
  const { control, armed } = listeners
  rows.push(['on() and off(), control against plain', `${share(control.median)} (${between(control.interval)})`])
  rows.push(['on() and off(), armed against plain', `${share(armed.median)} (${between(armed.interval)})`])
  for (const [name, { median }] of Object.entries(required)) rows.push([`require, ${name}`, ms(median)])
  rows.push(['native bytes of a young guard', `${(ownBytes / 1024).toFixed(0)} KB`])
  return `Node ${node}.\n\n${table(['What', 'Median'], rows)}`
}

const STEADY = 120 // s wanted between floors while steady
const FLOORS = 24 // 20 for a first judgement, and 4 more that confirm it
const WARMUP = 10 // min

/** Minutes from the start of a process to a first suspicion, at the default budget and without natural floors. */
function verdict(secondsApart) {
  if (secondsApart === null) return '-'
  return `${(WARMUP + (FLOORS * Math.max(STEADY, secondsApart)) / 60).toFixed(0)} min`
}

function floors({ sizes, cold, node }) {
  const rows = sizes.map((each) => [
    `${each.megabytes} MB, ${each.activity}`,
    each.floors,
    ms(each.stop.median),
    ms(each.stop.p99),
    ms(each.took),
    ms(each.cpu),
    each.secondsApart === null ? '-' : `${each.secondsApart.toFixed(0)} s`,
    verdict(each.secondsApart),
    ms(each.atomic.median),
    ms(each.atomic.cpu),
  ])
  const head = [
    'Alive',
    'floors',
    'longest stop',
    'its p99',
    'took',
    'CPU',
    'apart at 1 %',
    'first verdict',
    'atomic stop',
    'atomic CPU',
  ]
  const text = `A cold endpoint (first call of 3,000 functions that slept through nine floors): ${ms(cold.floors.median)};
through the same time without floors: ${ms(cold.control.median)}.`
  return `Node ${node}. Medians unless it says otherwise.\n\n${table(head, rows)}\n\n${text}`
}

/** The same on other versions of Node, in short series. */
function otherFloors(byVersion) {
  return Object.values(byVersion).map(floors).join('\n\n')
}

const PARTS = { http, micro, floors, otherFloors }

/** Puts the tables between their marks. */
function write(record) {
  let page = fs.readFileSync(PAGE, 'utf8')
  const { cpu, cores, memory } = record.machine
  const texts = { machine: `Measured on ${record.at.slice(0, 10)}: ${cores} cores of ${cpu}, ${memory}.` }
  for (const [part, draw] of Object.entries(PARTS)) if (record[part]) texts[part] = draw(record[part])
  for (const [part, text] of Object.entries(texts)) {
    const marks = new RegExp(`(<!-- ${part} -->)[\\s\\S]*?(<!-- end of ${part} -->)`)
    page = page.replace(marks, (_, open, close) => `${open}\n\n${text}\n\n${close}`)
  }
  fs.writeFileSync(PAGE, page)
}

module.exports = { write }
