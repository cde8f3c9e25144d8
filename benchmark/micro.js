'use strict'

// What single calls cost: sample(), report(), on() and off() while armed, and require.

const path = require('node:path')
const { result } = require('./child')
const { summary } = require('./statistics')

const EMPTY = path.join(__dirname, 'micro', 'empty.js')

async function measure({ rounds = 20, progress }) {
  const calls = []
  const listeners = { plain: [], control: [], armed: [] }
  const required = { empty: [], control: [], leakguard: [] }
  for (let round = 0; round < rounds; round++) {
    // The first one of a round finds the machine in another state than the last: they take turns.
    const turn = (list) => list.map((_, index) => list[(index + round) % list.length])
    for (const name of turn(['plain', 'control', 'armed'])) {
      listeners[name].push(await result('micro/listeners.js', [name]))
    }
    for (const name of turn(['empty', 'control', 'leakguard'])) {
      required[name].push(await result('micro/require.js', [name === 'leakguard' ? name : EMPTY]))
    }
    if (round % 4 === 0) calls.push(await result('micro/calls.js'))
    progress(`micro: round ${round + 1} of ${rounds}`)
  }
  const against = ({ plain }, list) => summary(list.map((value, index) => value / plain[index] - 1))
  const names = Object.keys(calls[0].microseconds)
  return {
    calls: Object.fromEntries(names.map((name) => [name, summary(calls.map((each) => each.microseconds[name]))])),
    ownBytes: calls[0].bytes,
    listeners: {
      nanoseconds: mapped(listeners, summary),
      control: against(listeners, listeners.control),
      armed: against(listeners, listeners.armed),
    },
    require: mapped(required, summary),
  }
}

function mapped(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]))
}

module.exports = { measure }
