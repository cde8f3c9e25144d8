'use strict'

// on() and off() of one emitter below the threshold, in ns a pair. `node listeners.js plain|armed`.

const { EventEmitter } = require('node:events')
const { median } = require('../statistics')

const PAIRS = 200_000
const ROUNDS = 15

if (process.argv[2] === 'armed') require('leakguard').watch({ listeners: true })

const emitter = new EventEmitter()
const listener = () => {}
emitter.on('message', () => {})
const rounds = []
for (let round = 0; round < ROUNDS; round++) {
  const from = performance.now()
  for (let i = 0; i < PAIRS; i++) {
    emitter.on('message', listener)
    emitter.off('message', listener)
  }
  rounds.push(((performance.now() - from) * 1e6) / PAIRS)
}
// The first rounds run before the compiler is done.
process.send(median(rounds.slice(5)))
process.on('disconnect', () => process.exit())
