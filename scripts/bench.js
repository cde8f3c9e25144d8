'use strict'

// `npm run bench`: sets up, then measures. Words after `--` choose parts: http, micro, floors, --quick.

const path = require('node:path')
const { setup } = require('./setup')
const { ROOT, fail, step } = require('./steps')

setup().then(
  async () => {
    const words = process.argv.slice(2)
    const script = path.join(ROOT, 'benchmark', 'run.js')
    if (!(await step('benchmark', process.execPath, [script, ...words]))) process.exit(1)
  },
  (error) => fail(error.stack),
)
