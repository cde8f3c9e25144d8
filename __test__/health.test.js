'use strict'

const test = require('node:test')
const assert = require('node:assert/strict')
const http = require('node:http')
const { once } = require('node:events')
const { health } = require('..')
const { fakeGuard, report } = require('./fixtures/report')
const { run } = require('./helpers/child')

const NAMES = ['app.js', 'logMiddleware', 'shop', 'SIGTERM', 'perSocket', '1.4.2', 'requestLog', 'max-old-space']

/** Serves `handler` on loopback and resolves with `ask(options)`. */
async function serve(t, handler) {
  const server = http.createServer(handler).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  return ({ method = 'GET', path = '/health', headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const { port } = server.address()
      const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false })
      request.on('error', reject).on('response', async (response) => {
        let text = ''
        for await (const chunk of response.setEncoding('utf8')) text += chunk
        const json = text.startsWith('{') ? JSON.parse(text) : undefined
        resolve({ code: response.statusCode, headers: response.headers, text, json })
      })
      request.end()
    })
}

/** Answers without a socket: what a handler does with any pair of objects. */
function answer(handler, req, next) {
  const res = { headers: {}, setHeader: (name, value) => (res.headers[name] = value), end: (text) => (res.text = text) }
  handler({ method: 'GET', url: '/health', headers: {}, ...req }, res, next)
  return { ...res, json: res.text === undefined ? undefined : JSON.parse(res.text) }
}

const local = { socket: { remoteAddress: '127.0.0.1' } }

test('a leak answers 200 with status warn, checks, and who is guilty', async (t) => {
  const ask = await serve(t, health(fakeGuard()))
  const { code, headers, json } = await ask()
  assert.equal(code, 200)
  assert.equal(headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(json.status, 'warn')
  assert.equal(json.state, 'leaking')
  assert.equal(json.releaseId, '1.4.2')
  assert.equal(json.suspects[0].frames[0].file, '/srv/shop/app.js')
  assert.equal(json.verdict.bytesPerMinute, 3_200_000)
  assert.equal(json.advice[0].code, 'HEAP_LIMIT_DEFAULT')
  assert.equal(json.self.samples, 900)
  const { checks } = json
  assert.deepEqual(Object.keys(checks).slice(0, 6), [
    'memory:heapFloor',
    'memory:heapUsed',
    'memory:rss',
    'memory:container',
    'eventLoop:utilization',
    'listeners:process#SIGTERM',
  ])
  for (const [entry] of Object.values(checks)) {
    assert.match(entry.status, /^(pass|warn|fail)$/)
    assert.equal(new Date(entry.time).toISOString(), entry.time)
    assert.equal(typeof entry.observedUnit, 'string')
  }
  assert.equal(checks['memory:heapFloor'][0].status, 'warn')
  assert.equal(checks['listeners:process#SIGTERM'][0].output, '/srv/shop/sockets.js:7:11')
})

test('strangers get status and numbers, and no name at all', async (t) => {
  const ask = await serve(t, health(fakeGuard()))
  const ways = [
    { 'x-forwarded-for': '203.0.113.9' },
    { forwarded: 'for=203.0.113.9' },
    { 'x-real-ip': '203.0.113.9' },
    { via: '1.1 proxy' },
    { host: 'shop.example' },
  ]
  for (const headers of ways) {
    const { code, text, json } = await ask({ headers })
    assert.equal(code, 200)
    for (const name of NAMES) assert.ok(!text.includes(name), `${name} is shown to ${JSON.stringify(headers)}`)
    assert.equal(json.status, 'warn')
    assert.equal(json.suspects[0].bytes, 15_000_000)
    assert.equal(json.listeners[0].count, 301)
    assert.equal(json.checks['listeners:hot'][0].observedValue, 2)
    assert.equal(json.self, undefined)
  }
})

test('who is local is judged by address', () => {
  const details = (req) => answer(health(fakeGuard()), req).json.self !== undefined
  for (const remoteAddress of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) {
    assert.equal(details({ socket: { remoteAddress } }), true, remoteAddress)
  }
  for (const remoteAddress of [
    '10.0.0.1',
    '1127.0.0.1',
    '127.0.0.1.example',
    '::ffff:10.0.0.1',
    '::2',
    '',
    undefined,
  ]) {
    assert.equal(details({ socket: { remoteAddress } }), false, String(remoteAddress))
  }
  assert.equal(details({}), false)
  for (const host of ['localhost', 'localhost:3000', '127.0.0.1:80', '[::1]:8080']) {
    assert.equal(details({ ...local, headers: { host } }), true, host)
  }
  assert.equal(details({ ...local, headers: { host: 'localhost.example' } }), false)
})

test('the option details decides, and its throw counts as no', () => {
  const details = (option, req = {}) => answer(health(fakeGuard(), { details: option }), req).json.self !== undefined
  assert.equal(details(true), true)
  assert.equal(details(false, local), false)
  assert.equal(
    details((req) => req.headers.key === 'k', { headers: { key: 'k' } }),
    true,
  )
  assert.equal(
    details(() => 'yes', local),
    false,
  )
  assert.equal(
    details(async () => true, local),
    false,
  )
  assert.equal(
    details(() => {
      throw new Error('mine')
    }, local),
    false,
  )
})

test('health+json by Accept only', async (t) => {
  const ask = await serve(t, health(fakeGuard()))
  const type = async (accept) =>
    (await ask({ headers: accept ? { accept } : {} })).headers['content-type'].split(';')[0]
  assert.equal(await type(), 'application/json')
  assert.equal(await type('*/*'), 'application/json')
  assert.equal(await type('text/html, application/health+json;q=0.5'), 'application/health+json')
  assert.equal(await type('Application/Health+JSON'), 'application/health+json')
  assert.equal(await type('application/health+json;q=0, application/json'), 'application/json')
})

test('HEAD has the headers without a body, other methods are refused or passed on', async (t) => {
  const ask = await serve(t, health(fakeGuard()))
  const get = await ask()
  const head = await ask({ method: 'HEAD' })
  assert.equal(head.code, 200)
  assert.equal(head.text, '')
  assert.equal(head.headers['content-length'], get.headers['content-length'])
  const post = await ask({ method: 'POST' })
  assert.equal(post.code, 405)
  assert.equal(post.headers.allow, 'GET, HEAD')
  let passed = 0
  assert.equal(answer(health(fakeGuard()), { method: 'POST' }, () => passed++).text, undefined)
  assert.equal(passed, 1)
})

test('with a path, others are passed on or not found', async (t) => {
  const handler = health(fakeGuard(), { path: '/health/' })
  const ask = await serve(t, handler)
  for (const path of ['/health', '/health/', '/health?verbose=1']) assert.equal((await ask({ path })).code, 200, path)
  for (const path of ['/', '/healthy', '/health/x', '/x?/health']) assert.equal((await ask({ path })).code, 404, path)
  let passed = 0
  answer(handler, { url: '/', originalUrl: '/other' }, () => passed++)
  assert.equal(passed, 1)
  assert.equal(answer(handler, { url: '/', originalUrl: '/health' }).json.version, '1', 'mounted by Connect or Express')
})

test('what the next handler throws is not swallowed', () => {
  const next = () => {
    throw new Error('theirs')
  }
  assert.throws(() => answer(health(fakeGuard()), { method: 'PUT' }, next), /theirs/)
})

test('only readiness says 503, and only under critical pressure', () => {
  const code = (make, changes) => answer(make(fakeGuard(report(changes))), local).statusCode
  for (const pressure of ['ok', 'warn', 'critical']) {
    for (const state of ['warming', 'steady', 'suspect', 'leaking', 'recovered', 'off']) {
      assert.equal(code(health, { pressure, state }), 200)
      assert.equal(code(health.liveness, { pressure, state }), 200)
      assert.equal(code(health.readiness, { pressure, state }), pressure === 'critical' ? 503 : 200)
    }
  }
  const critical = report({ pressure: 'critical' })
  const { json, headers } = answer(health.readiness(fakeGuard(critical)), local)
  assert.equal(json.status, 'fail')
  assert.equal(headers['Retry-After'], '10')
  assert.equal(json.checks['memory:container'][0].status, 'fail', 'the fuller budget')
  assert.equal(answer(health.liveness(fakeGuard(critical)), local).json.status, 'pass')
  assert.equal(answer(health(fakeGuard(critical)), local).json.status, 'warn')
})

test('pass when steady, warming up or recovered; while warming up it says when a verdict can be given', () => {
  const calm = { ...report().verdict, leak: false }
  for (const state of ['steady', 'warming', 'recovered']) {
    assert.equal(answer(health(fakeGuard(report({ state, verdict: calm })))).json.status, 'pass', state)
  }
  assert.equal(answer(health(fakeGuard(report({ state: 'warming', readyInSeconds: 42 })))).json.readyInSeconds, 42)
  assert.equal('readyInSeconds' in answer(health(fakeGuard())).json, false)
})

test('a fault of its own goes into the body, and nothing is thrown', () => {
  const broken = fakeGuard(() => {
    throw new Error('at /srv/secret/path')
  })
  const shown = answer(health(broken), local)
  assert.equal(shown.statusCode, 200)
  assert.equal(shown.json.status, 'warn')
  assert.match(shown.json.output, /secret/)
  const hidden = answer(health(broken), {})
  assert.doesNotMatch(hidden.text, /secret/)
  assert.equal(answer(health(fakeGuard(() => null)), {}).json.status, 'warn')
  const cyclic = report()
  cyclic.suspects[0].self = cyclic
  assert.equal(answer(health(fakeGuard(cyclic)), local).json.status, 'warn')
})

test('any request and any response is borne', () => {
  const handler = health(fakeGuard())
  const res = { headersSent: true, end: () => assert.fail('sent twice') }
  handler({ method: 'GET', headers: {} }, res)
  handler({ method: 'GET' }, {})
  handler({ method: 'GET', headers: { accept: 7, host: 7 }, url: 7 }, {})
  assert.equal(answer(handler, { headers: undefined }).json.status, 'warn')
})

test('wrong arguments are refused when the handler is made', () => {
  const type = { code: 'ERR_LEAKGUARD_INVALID_ARG_TYPE', name: 'TypeError' }
  const range = { code: 'ERR_LEAKGUARD_OUT_OF_RANGE', name: 'RangeError' }
  assert.throws(() => health(7), type)
  assert.throws(() => health(null), type)
  assert.throws(() => health({ nothing: 1 }), type)
  assert.throws(() => health(fakeGuard(), 7), type)
  assert.throws(() => health(fakeGuard(), { path: 7 }), type)
  assert.throws(() => health(fakeGuard(), { path: 'health' }), range)
  assert.throws(() => health(fakeGuard(), { form: 'live' }), range)
  assert.throws(() => health(fakeGuard(), { details: 'yes' }), type)
  assert.throws(() => health(fakeGuard(), { detials: true }), {
    code: 'ERR_LEAKGUARD_OPTION_UNKNOWN',
    message: /Did you mean "details"\?/,
  })
})

test('switched off, health() starts nothing and says so', async () => {
  const { code, json, stderr } = await run(
    `const res = { setHeader() {}, end(text) { say({ code: this.statusCode, body: JSON.parse(text) }) } }
    leakguard().health({ details: true })({ method: 'GET', url: '/', headers: {} }, res)`,
    { env: { LEAKGUARD: 'off' } },
  )
  assert.equal(code, 0, stderr)
  assert.equal(stderr, '')
  assert.equal(json.code, 200)
  assert.equal(json.body.state, 'off')
  assert.equal(json.body.status, 'warn')
  assert.deepEqual(json.body.notes, ['switched off by LEAKGUARD=off'])
})

test('in Express, as a route and mounted', async (t) => {
  let express
  try {
    express = require('express')
  } catch {
    return t.skip('no express here')
  }
  const app = express()
  app.get('/health', health(fakeGuard()))
  app.use('/ops', health.readiness(fakeGuard(), { path: '/ops/ready' }))
  app.use((req, res) => res.status(418).end())
  const ask = await serve(t, app)
  assert.equal((await ask()).json.status, 'warn')
  assert.equal((await ask({ method: 'HEAD' })).code, 200)
  assert.equal((await ask({ path: '/ops/ready' })).json.version, '1')
  assert.equal((await ask({ path: '/ops/other' })).code, 418)
  assert.equal((await ask({ method: 'POST' })).code, 418)
})
