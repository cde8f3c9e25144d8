'use strict'

// What every server of the demo owes the process that started it: a free port on loopback, told
// once, and an end when the parent is gone, however it went.

function serve(app) {
  const server = app.listen(0, '127.0.0.1', (error) => {
    // Express 5 hands a failed listen to this very callback.
    if (error) throw error
    if (process.send) process.send({ port: server.address().port })
    else console.log(`http://127.0.0.1:${server.address().port}/health`)
  })
  process.on('disconnect', () => process.exit())
  return server
}

module.exports = { serve }
