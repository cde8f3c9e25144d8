'use strict'

// What floors cost an endpoint that sleeps: V8 drops the bytecode of functions that no call has touched
// through several full collections. `node cold.js floors|control`: ms of the first call of 3,000 functions.

const { watch } = require('leakguard')

const FUNCTIONS = 3000
const FLOORS = 9
const LONGEST = 60_000

const functions = Array.from(
  { length: FUNCTIONS },
  (_, id) =>
    new Function('a', `let s = ${id}; for (let i = 0; i < 3; i++) s += a * i + ${id}; return { s, a, id: ${id} }`),
)
const callAll = () => functions.reduce((sum, each) => sum + each(1).s, 0)
for (let i = 0; i < 3; i++) callAll()

const nudging = process.argv[2] === 'floors'
const options = { preset: 'dev', profile: 'off', floorInterval: 1000, warmup: 0 }
const guard = watch({ ...options, gcBudget: nudging ? 1 : 0 })
let seen = 0
guard.on('floor', ({ natural }) => (seen += natural ? 0 : 1))
const began = performance.now()
const timer = setInterval(() => {
  const waited = performance.now() - began
  if (nudging ? seen < FLOORS && waited < LONGEST : waited < FLOORS * 1200) return
  clearInterval(timer)
  guard.stop()
  const from = performance.now()
  callAll()
  const first = performance.now() - from
  const again = performance.now()
  callAll()
  process.send({ first, second: performance.now() - again, floors: seen })
}, 100)
process.on('disconnect', () => process.exit())
