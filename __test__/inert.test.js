'use strict'

const test = require('node:test')
const assert = require('node:assert/strict')
const { InertGuard } = require('../lib/inert')
const { normalize } = require('../lib/options')
const { report } = require('./fixtures/report')
const { run } = require('./helpers/child')

/** Names of all members, so that two reports can be compared by shape. */
function shape(value) {
  return Object.keys(value).sort()
}

test('an inert guard has the whole shape of a report, and says why it is off', () => {
  const off = new InertGuard(normalize({ name: 'shop' }, {})).report()
  const on = report()
  assert.deepEqual(shape(off), shape(on))
  for (const part of ['verdict', 'memory', 'gc', 'self']) assert.deepEqual(shape(off[part]), shape(on[part]), part)
  assert.equal(off.state, 'off')
  assert.equal(off.name, 'shop')
  assert.deepEqual(off.reasons, ['switched off by LEAKGUARD=off'])
  assert.ok(off.memory.rss > 0)
})

test('its methods answer, and only what needs a watcher refuses', async () => {
  let told = 0
  const guard = new InertGuard(normalize({}, {}), () => told++)
  assert.deepEqual(guard.history(), [])
  assert.ok(guard.sample().heapUsed > 0)
  guard.reconfigure(normalize({ name: 'b' }, {}))
  assert.equal(guard.options.name, 'b')
  await assert.rejects(guard.profile(), { code: 'ERR_LEAKGUARD_SWITCHED_OFF' })
  guard.stop()
  guard[Symbol.dispose ?? Symbol.for('nodejs.dispose')]()
  assert.equal(told, 1)
})

test('LEAKGUARD=off loads no binary, patches nothing and lets the process end', async () => {
  const { code, json, stderr } = await run(
    `const on = require('events').prototype.on
    const guard = leakguard().watch({ listeners: true })
    say({
      state: guard.state,
      same: guard === leakguard().watch({ name: 'again' }),
      untouched: require('events').prototype.on === on,
      warning: process.listenerCount('warning'),
      binaries: Object.keys(require.cache).filter((name) => name.endsWith('.node')),
    })`,
    { env: { LEAKGUARD: 'off' }, args: ['--no-warnings'] },
  )
  assert.equal(code, 0, stderr)
  assert.deepEqual(json, { state: 'off', same: true, untouched: true, warning: 0, binaries: [] })
})
