'use strict'

// The time of one require, in ms. `node require.js <module>`.

const from = performance.now()
require(process.argv[2])
process.send(performance.now() - from)
process.on('disconnect', () => process.exit())
