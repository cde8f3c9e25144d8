'use strict'

// The healthy twin does all that is mistaken for a leak: it warms up, its cache fills, and it has
// one spike. Each of these ends by itself, so the verdict must end as 'steady'.

const express = require('express')
const { watch, health } = require('../..')
const { serve } = require('./parent')

watch({ preset: 'dev', name: 'healthy' })

const TEMPLATES = 60
// At some 60 requests a second it is full after about half a minute.
const CACHE_CAP = 1800
const SPIKE_AT = 45_000
const SPIKE_LASTS = 5000
const SPIKE_MEGABYTES = 30

const app = express()
const templates = []
const cache = new Map()
let visits = 0
let spike = null

// Warm-up: one template each 250 ms, done after 15 s.
const warming = setInterval(() => {
  templates.push(Array(4096).fill(templates.length))
  if (templates.length === TEMPLATES) clearInterval(warming)
}, 250)

setTimeout(() => {
  spike = Array.from({ length: SPIKE_MEGABYTES }, () => Array(131_072).fill(1))
  setTimeout(() => (spike = null), SPIKE_LASTS)
}, SPIKE_AT)

function render(req, res) {
  const key = `page ${visits++}`
  cache.set(key, Array(512).fill(visits))
  // A Map iterates in the order of insertion: the first key is the oldest.
  if (cache.size > CACHE_CAP) cache.delete(cache.keys().next().value)
  res.json({ cached: cache.size, templates: templates.length, spike: spike !== null })
}

app.get('/health', health())
app.get('/', render)

serve(app)
