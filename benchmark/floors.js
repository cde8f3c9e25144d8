'use strict'

// What a nudged floor costs at several sizes of the heap, idle and under load, with the atomic collection
// beside it in the same process.

const { result } = require('./child')
const { quantile, summary } = require('./statistics')

const SIZES = [50, 160, 700]

async function measure({ floors = 40, colds = 5, progress }) {
  const sizes = []
  for (const megabytes of SIZES) {
    for (const activity of ['idle', 'load']) {
      const flags = ['--expose-gc', '--max-old-space-size=4096']
      sizes.push(digest(megabytes, activity, await result('floors/subject.js', [megabytes, activity, floors], flags)))
      progress(`floors: ${megabytes} MB, ${activity}`)
    }
  }
  const cold = { floors: [], control: [] }
  for (let round = 0; round < colds; round++) {
    for (const name of ['floors', 'control']) cold[name].push((await result('floors/cold.js', [name])).first)
    progress(`floors: cold endpoint, round ${round + 1} of ${colds}`)
  }
  return { sizes, cold: { floors: summary(cold.floors), control: summary(cold.control) } }
}

function digest(megabytes, activity, { live, floors, atomic, refused, reasons }) {
  const stops = floors.map(({ longestStop }) => longestStop)
  const atomics = atomic.map(({ stop }) => stop)
  const cpu = quantile(
    floors.map((each) => each.cpu).filter((each) => each !== null),
    0.5,
  )
  return {
    megabytes,
    activity,
    live,
    floors: floors.length,
    refused,
    reasons,
    stop: { median: quantile(stops, 0.5), p99: quantile(stops, 0.99) },
    took: quantile(
      floors.map(({ took }) => took),
      0.5,
    ),
    cpu,
    // Seconds between floors that keep their CPU at 1 % of a core, the default budget.
    secondsApart: cpu === null ? null : cpu / 10,
    atomic: {
      median: quantile(atomics, 0.5),
      p99: quantile(atomics, 0.99),
      cpu: quantile(
        atomic.map((each) => each.cpu),
        0.5,
      ),
    },
  }
}

module.exports = { measure }
