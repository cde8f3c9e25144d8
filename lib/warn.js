'use strict'

// Says something once. A tool that watches an app must not stop it, nor fill its log: what cannot be done is
// said one time through Node's own warnings, with a code that can be silenced (--disable-warning=CODE).

const said = new Set()

function warnOnce(code, message) {
  const key = `${code} ${message}`
  // Messages may carry user input; the set is bounded so that it can never be the leak.
  if (said.has(key) || said.size >= 100) return false
  said.add(key)
  try {
    process.emitWarning(message, { type: 'LeakguardWarning', code })
  } catch {
    // --throw-deprecation and friends do not concern us; nobody is helped by a crash here.
  }
  return true
}

/** Why watching could not begin, as one warning. The code tells a missing binary from the rest. */
function warnUnwatched(error) {
  const missing = error?.code === 'ERR_LEAKGUARD_BINARY_MISSING'
  const code = missing ? 'LEAKGUARD_BINARY_MISSING' : 'LEAKGUARD_NOT_WATCHING'
  warnOnce(code, `leakguard does not watch this process: ${error?.message ?? String(error)}`)
}

module.exports = { warnOnce, warnUnwatched }
