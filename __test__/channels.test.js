'use strict'

const test = require('node:test')
const assert = require('node:assert/strict')
const diagnostics = require('node:diagnostics_channel')
const http = require('node:http')
const { once } = require('node:events')
const channels = require('../lib/channels')
const work = require('../lib/work')

test('each event has a channel that needs no import of leakguard', () => {
  for (const name of channels.NAMES) {
    const heard = []
    const listen = (message, channel) => heard.push([message, channel])
    assert.equal(channels.hasSubscribers(name), false)
    channels.publish(name, 'nobody hears')
    diagnostics.subscribe(`leakguard:${name}`, listen)
    assert.equal(channels.hasSubscribers(name), true)
    channels.publish(name, { name })
    diagnostics.unsubscribe(`leakguard:${name}`, listen)
    channels.publish(name, 'nobody hears')
    assert.deepEqual(heard, [[{ name }, `leakguard:${name}`]])
  }
})

test('an unknown event is published nowhere', () => {
  channels.publish('nothing', 1)
  assert.equal(channels.hasSubscribers('nothing'), false)
})

test('requests are counted once each while running, and never lost by a restart', async (t) => {
  const server = http.createServer((req, res) => res.end('ok')).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const ask = async () => {
    const response = await fetch(`http://127.0.0.1:${server.address().port}/`, { headers: { connection: 'close' } })
    await response.text()
  }
  const before = work.total
  await ask()
  assert.equal(work.total, before, 'not started')
  work.start()
  work.start()
  await ask()
  await ask()
  assert.equal(work.total, before + 2)
  work.stop()
  work.stop()
  await ask()
  assert.equal(work.total, before + 2)
  work.start()
  await ask()
  work.stop()
  assert.equal(work.total, before + 3)
})
