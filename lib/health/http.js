'use strict'

// The little of HTTP that the endpoint needs, for node:http, http2's compatibility API, Connect and Express.

/** The path without its query; `originalUrl`, because Connect and Express cut off where they are mounted. */
function pathOf(req) {
  const given = req.originalUrl ?? req.url
  const url = typeof given === 'string' ? given : ''
  const end = url.search(/[?#]/)
  const path = end < 0 ? url : url.slice(0, end)
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/** Whether Accept names this very type; a wildcard gets plain JSON, which every client and browser can show. */
function accepts(req, type) {
  const accept = req.headers?.accept
  if (typeof accept !== 'string') return false
  return accept.split(',', 32).some((range) => {
    const [name, ...parameters] = range
      .toLowerCase()
      .split(';')
      .map((part) => part.trim())
    return name === type && !parameters.some((each) => /^q=0(?:\.0*)?$/.test(each))
  })
}

function send(req, res, code, type, text) {
  if (res.headersSent || res.writableEnded) return
  res.statusCode = code
  res.setHeader('Content-Type', `${type}; charset=utf-8`)
  res.setHeader('Content-Length', Buffer.byteLength(text))
  // A health answer that a cache keeps is a lie a second later.
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Vary', 'Accept')
  res.setHeader('X-Content-Type-Options', 'nosniff')
  if (code === 503) res.setHeader('Retry-After', '10')
  if (req.method === 'HEAD') res.end()
  else res.end(text)
}

module.exports = { accepts, pathOf, send }
