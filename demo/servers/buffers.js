'use strict'

// Leak 3: closures that keep a big Buffer. V8 keeps a variable for a closure only if some closure
// made in the same scope uses it. All closures of a scope share one context: here `checksum` uses
// the Buffer, so the innocent `cleanup`, which does not, keeps it alive too. Without `checksum`
// nothing would leak.

const express = require('express')
const { watch, health } = require('../..')
const { serve } = require('./parent')

watch({ preset: 'dev', name: 'buffers' })

const SIZE = 100 * 1024
const app = express()
const cleanups = []
let pending = 0

function upload(req, res) {
  const picture = Buffer.alloc(SIZE, 1)
  const rows = Array(1024).fill(0)
  const checksum = () => picture[0] + picture[SIZE - 1] + rows.length
  cleanups.push(function cleanup() {
    pending -= 1
  })
  pending += 1
  res.json({ checksum: checksum(), pending })
}

app.get('/health', health())
app.post('/upload', upload)
app.get('/', (req, res) => res.json({ pending }))

serve(app)
