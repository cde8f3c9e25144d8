'use strict'

const test = require('node:test')
const assert = require('node:assert/strict')
const { conflict, invalidType, nearest, outOfRange, shown, stateError, unknownOption } = require('../lib/errors')

test('errors carry a code and read as in Node', () => {
  const error = outOfRange('interval', 'an integer from 100 to 3600000', -1)
  assert.ok(error instanceof RangeError)
  assert.equal(error.code, 'ERR_LEAKGUARD_OUT_OF_RANGE')
  assert.equal(error.message, 'The "interval" option must be an integer from 100 to 3600000. Received -1')
  const type = invalidType('"guard" argument', 'a Guard', null)
  assert.ok(type instanceof TypeError)
  assert.equal(type.code, 'ERR_LEAKGUARD_INVALID_ARG_TYPE')
  assert.equal(type.message, 'The "guard" argument must be a Guard. Received null')
  const cause = new Error('inner')
  const state = stateError('ERR_LEAKGUARD_SOMETHING', 'words', { cause })
  assert.equal(state.code, 'ERR_LEAKGUARD_SOMETHING')
  assert.equal(state.cause, cause)
  assert.equal(conflict('warmup', 1, 2).code, 'ERR_LEAKGUARD_GUARD_CONFLICT')
})

test('an unknown name is told which name was meant, or which there are', () => {
  assert.match(unknownOption('intervall', ['interval', 'warmup']).message, /Did you mean "interval"\?$/)
  assert.match(unknownOption('colour', ['interval', 'warmup']).message, /Known are: interval, warmup$/)
})

test('a guess is at most two letters away, one in short names', () => {
  assert.equal(nearest('WarmUp', ['interval', 'warmup']), 'warmup')
  assert.equal(nearest('fomr', ['form']), undefined)
  assert.equal(nearest('for', ['form']), 'form')
  assert.equal(nearest('x'.repeat(10_000), ['form']), undefined)
})

test('values are shown briefly and without running their code', () => {
  const trap = new Proxy({}, { get: () => assert.fail('read'), ownKeys: () => assert.fail('listed') })
  const cases = [
    [trap, 'an object'],
    [() => 1, 'a function'],
    [[1], 'an array'],
    [1n, '1n'],
    [Symbol('s'), 'Symbol(s)'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [undefined, 'undefined'],
    [true, 'true'],
    ['a"b', '"a\\"b"'],
  ]
  for (const [value, expected] of cases) assert.equal(shown(value), expected)
  assert.ok(shown('x'.repeat(1e6)).length < 80)
})
