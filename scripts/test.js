'use strict'

// `npm test`: sets up, then every check and every test, each of them once. All of them run even
// when one fails; the list at the end says which. `npm run lint` runs the checks alone.

const fs = require('node:fs')
const path = require('node:path')
const { setup } = require('./setup')
const { ROOT, fail, seconds, step } = require('./steps')
const { requireLinters } = require('./tools')

const CLIPPY = ['clippy', '--all-targets', '--quiet']
const DENY = ['--', '-D', 'warnings']
const tool = (...parts) => path.join(ROOT, 'node_modules', ...parts)
const suites = fs.readdirSync(path.join(ROOT, '__test__')).filter((name) => name.endsWith('.test.js'))

const CHECKS = [
  ['cargo fmt', 'cargo', ['fmt', '--check']],
  ['clippy, the core alone', 'cargo', [...CLIPPY, '--no-default-features', ...DENY]],
  ['clippy', 'cargo', [...CLIPPY, ...DENY]],
  ['oxlint', process.execPath, [tool('oxlint', 'bin', 'oxlint'), '--deny-warnings']],
  ['prettier', process.execPath, [tool('prettier', 'bin', 'prettier.cjs'), '--check', '.']],
]
const TESTS = [
  ['cargo test, the core alone', 'cargo', ['test', '--no-default-features']],
  ['cargo test', 'cargo', ['test']],
  // The types are compiled by types.test.js among these.
  [
    'node --test',
    process.execPath,
    ['--test', '--test-reporter=spec', ...suites.map((name) => path.join('__test__', name))],
  ],
]

async function main() {
  const from = Date.now()
  await setup()
  requireLinters()
  const results = []
  for (const [title, ...command] of process.argv.includes('--lint') ? CHECKS : [...CHECKS, ...TESTS]) {
    results.push({ title, passed: await step(title, ...command, { env: { NODE_OPTIONS: '' } }) })
  }
  console.log('')
  for (const { title, passed } of results) console.log(`${passed ? 'passed' : 'FAILED'}  ${title}`)
  const failed = results.filter(({ passed }) => !passed).length
  if (failed > 0) fail(`${failed} of ${results.length} failed (${seconds(from)})`)
  console.log(`\nall ${results.length} passed (${seconds(from)})`)
}

main().catch((error) => fail(error.stack))
