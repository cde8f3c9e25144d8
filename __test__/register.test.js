'use strict'

const test = require('node:test')
const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { pathToFileURL } = require('node:url')
const { ROOT, run } = require('./helpers/child')

const SAY = `const guard = process[Symbol.for('leakguard.guard')]
say({ state: guard?.state, options: guard?.options, warning: process.listenerCount('warning') })`

/** Everything of the package but a binary: what an install for another platform looks like. */
function withoutBinary(t) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakguard-'))
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }))
  for (const name of ['index.js', 'register.js', 'package.json', 'lib'].filter((each) =>
    fs.existsSync(path.join(ROOT, each)),
  )) {
    fs.cpSync(path.join(ROOT, name), path.join(dir, name), { recursive: true })
  }
  return dir
}

const preloads = (file) => [
  ['-r', file],
  ['--import', pathToFileURL(file).href],
]

test('-r and --import watch without a change of code, and variables are the options', async () => {
  for (const args of preloads(path.join(ROOT, 'register.js'))) {
    const { code, json, stderr } = await run(SAY, { args, env: { LEAKGUARD_NAME: 'shop', LEAKGUARD_PRESET: 'dev' } })
    assert.equal(code, 0, stderr)
    assert.equal(json.state, 'warming', args[0])
    assert.equal(json.options.name, 'shop')
    assert.equal(json.options.warmup, 8000)
  }
})

test('a preload and a later watch() are one guard with merged options', async () => {
  const { code, json, stderr } = await run(
    `const before = process[Symbol.for('leakguard.guard')]
    const guard = leakguard().watch({ name: 'later', warmup: 9000 })
    say({ same: guard === before, name: guard.options.name, version: guard.options.version, warmup: guard.options.warmup })`,
    { args: ['-r', path.join(ROOT, 'register.js')], env: { LEAKGUARD_VERSION: '7' } },
  )
  assert.equal(code, 0, stderr)
  assert.deepEqual(json, { same: true, name: 'later', version: '7', warmup: 9000 })
})

test('LEAKGUARD=off: the preload does nothing at all', async () => {
  for (const args of preloads(path.join(ROOT, 'register.js'))) {
    const { code, json, stderr } = await run(SAY, { args, env: { LEAKGUARD: 'off' } })
    assert.equal(code, 0, stderr)
    assert.equal(stderr, '')
    assert.equal(json.state, undefined)
  }
})

test('without a binary the app starts, with one warning; only watch() throws', async (t) => {
  const dir = withoutBinary(t)
  for (const args of preloads(path.join(dir, 'register.js'))) {
    const { code, json, stderr } = await run(
      `const here = require(${JSON.stringify(dir)})
      const res = { setHeader() {}, end(text) { this.text = text } }
      here.health({ details: true })({ method: 'GET', url: '/', headers: {} }, res)
      let thrown
      try { here.watch() } catch (error) { thrown = error.code }
      say({ thrown, health: JSON.parse(res.text), up: here.metrics().includes('leakguard_up 0'), counts: here.countListeners(process) })`,
      { args },
    )
    assert.equal(code, 0, stderr)
    assert.equal(json.thrown, 'ERR_LEAKGUARD_BINARY_MISSING')
    assert.equal(json.health.status, 'warn')
    assert.match(json.health.output, /binary is missing/)
    assert.equal(json.up, true)
    assert.ok(json.counts.warning > 0)
    assert.equal(stderr.match(/LEAKGUARD_BINARY_MISSING/g)?.length, 1, stderr)
  }
})

test('named imports work from ES modules', async () => {
  const { code, json, stderr } = await run(
    `import(${JSON.stringify(pathToFileURL(path.join(ROOT, 'index.js')).href)}).then((module) => say(Object.keys(module).sort()))`,
  )
  assert.equal(code, 0, stderr)
  const names = ['countListeners', 'health', 'hotListeners', 'metrics', 'watch']
  for (const name of names) assert.ok(json.includes(name), `${name} in ${json}`)
})

test('requiring leakguard loads neither the binary nor the inspector nor http', async () => {
  const { code, json, stderr } = await run(
    `leakguard()
    const loaded = process.moduleLoadList.filter((name) => / (?:http|inspector|worker_threads|v8)$/.test(name) && name.startsWith('NativeModule'))
    say({ loaded, files: Object.keys(require.cache).filter((name) => name.endsWith('.node')) })`,
  )
  assert.equal(code, 0, stderr)
  assert.deepEqual(json.files, [])
  assert.deepEqual(
    json.loaded.filter((name) => !name.endsWith('worker_threads')),
    [],
  )
})
