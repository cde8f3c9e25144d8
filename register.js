'use strict'

// `node --import leakguard/register app.js`, or `-r`: watches without a change of code. LEAKGUARD_* variables
// are the options, LEAKGUARD=off switches it off. Whatever fails here is said once, and the app starts.

const { isOff } = require('./lib/options')

if (!isOff()) {
  try {
    require('./lib/watch').watch()
  } catch (error) {
    require('./lib/warn').warnUnwatched(error)
  }
}
