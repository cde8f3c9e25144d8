'use strict'

const test = require('node:test')
const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { spawnSync } = require('node:child_process')
const leakguard = require('..')

const SOURCE = path.join(__dirname, 'types.ts')

/** The compiler is a tool of development: an installed package runs its other tests without it. */
function compiler() {
  try {
    const manifest = require.resolve('typescript/package.json')
    return path.join(path.dirname(manifest), require(manifest).bin.tsc)
  } catch {
    return undefined
  }
}

const tsc = compiler()

for (const module of ['node16', 'nodenext']) {
  test(
    `the types compile in strict mode, module ${module}`,
    { skip: tsc === undefined && 'no typescript here' },
    () => {
      const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--types', 'node']
      const roots = require.resolve
        .paths('@types/node')
        .map((dir) => path.join(dir, '@types'))
        .filter(fs.existsSync)
      const args = [tsc, ...flags, '--typeRoots', roots.join(','), '--module', module, SOURCE]
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      assert.equal(status, 0, stdout + stderr)
    },
  )
}

test('what is exported is what types.ts says is declared', () => {
  const declared = /EXPORTED: Record<keyof typeof everything, true> = \{([^}]+)\}/.exec(
    fs.readFileSync(SOURCE, 'utf8'),
  )[1]
  assert.deepEqual(Object.keys(leakguard).sort(), declared.match(/\w+(?=: true)/g).sort())
})
