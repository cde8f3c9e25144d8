'use strict'

// The loader of the native binary: a missing, foreign or damaged one is one clear error.

const test = require('node:test')
const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { run, ROOT } = require('./helpers/child')

const LOAD = `
  let thrown
  try { require(ROOT + '/lib/native').load() } catch (error) { thrown = error }
  say({ code: thrown?.code, message: thrown?.message })`

function scratch(t) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakguard-native-'))
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** The binary that this checkout built. */
function binary() {
  const found = fs.readdirSync(ROOT).find((name) => /^leakguard\..*\.node$/.test(name))
  return path.join(ROOT, found)
}

async function refused(file) {
  const { code, json, stderr } = await run(LOAD, { env: { LEAKGUARD_BINARY: file } })
  assert.equal(code, 0, stderr)
  assert.equal(json.code, 'ERR_LEAKGUARD_BINARY_MISSING')
  return json.message
}

test('the binary of this checkout is found and loaded once', async () => {
  const { code, json, stderr } = await run(`
    const native = require(ROOT + '/lib/native')
    say({ same: native.load() === native.load(), monitor: typeof native.load().Monitor })`)
  assert.equal(code, 0, stderr)
  assert.deepEqual(json, { same: true, monitor: 'function' })
})

test('a missing binary is an error that says the platform, what was looked for and what to do', async (t) => {
  const home = path.join(scratch(t), 'lib')
  fs.mkdirSync(home)
  fs.copyFileSync(path.join(ROOT, 'lib', 'native.js'), path.join(home, 'native.js'))
  const { json } = await run(LOAD.replace("ROOT + '/lib/native'", JSON.stringify(path.join(home, 'native.js'))))
  assert.equal(json.code, 'ERR_LEAKGUARD_BINARY_MISSING')
  assert.ok(json.message.includes(`${process.platform} ${process.arch}`), json.message)
  assert.match(json.message, /leakguard\.\S+\.node: not found/)
  assert.match(json.message, /@leakguard\/\S+: not found/)
  assert.match(json.message, /npm run setup/)
})

test('a file that LEAKGUARD_BINARY names and that is not there is named', async (t) => {
  const file = path.join(scratch(t), 'none.node')
  assert.ok((await refused(file)).includes(`${file}: `))
})

test('a truncated binary is refused', async (t) => {
  const file = path.join(scratch(t), 'short.node')
  const bytes = fs.readFileSync(binary())
  for (const length of [0, 63, 4096, bytes.length - 1]) {
    fs.writeFileSync(file, bytes.subarray(0, length))
    assert.ok((await refused(file)).includes(`${file}: `), `${length} bytes`)
  }
})

test('a file that is no binary at all, and one for another processor, are refused', async (t) => {
  const dir = scratch(t)
  const text = path.join(dir, 'text.node')
  fs.writeFileSync(text, 'this is no binary')
  assert.ok((await refused(text)).includes(`${text}: `))
  const bytes = fs.readFileSync(binary())
  // Bytes 18 and 19 of an ELF file name its processor; 0xF3 is RISC-V.
  if (bytes.subarray(1, 4).toString() !== 'ELF') return
  bytes[18] = 0xf3
  const foreign = path.join(dir, 'foreign.node')
  fs.writeFileSync(foreign, bytes)
  assert.ok((await refused(foreign)).includes(`${foreign}: `))
})

test('an addon that is not leakguard is refused', async (t) => {
  const file = path.join(scratch(t), 'other.js')
  fs.writeFileSync(file, `module.exports = {} // ${'long enough to be looked into '.repeat(3)}`)
  assert.match(await refused(file), /not a binary of leakguard/)
})

test('without a binary the app starts, one warning is given, and health says so', async (t) => {
  const file = path.join(scratch(t), 'none.node')
  const { code, json, stderr } = await run(
    `const { health, watch } = leakguard()
    const middleware = health()
    health()
    const answer = {}
    const res = { setHeader() {}, end(body) { answer.body = body } }
    middleware({ method: 'GET', url: '/health', headers: {}, socket: { remoteAddress: '127.0.0.1' } }, res)
    let thrown
    try { watch() } catch (error) { thrown = error.code }
    setImmediate(() => say({ thrown, status: JSON.parse(answer.body).status, code: res.statusCode }))`,
    { env: { LEAKGUARD_BINARY: file } },
  )
  assert.equal(code, 0, stderr)
  assert.equal(json.thrown, 'ERR_LEAKGUARD_BINARY_MISSING')
  assert.equal(json.status, 'warn')
  assert.equal(stderr.match(/LEAKGUARD_BINARY_MISSING/g)?.length, 1, stderr)
})
