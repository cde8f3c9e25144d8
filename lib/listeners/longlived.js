'use strict'

// Emitters that live as long as the process, and on which a listener for each request is therefore a leak.
// Only modules that the app has loaded are asked (process.moduleLoadList), so that counting never loads one.
// process.stdin, stdout and stderr are left out: to ask for them would open them. They are found, as all
// others, by Node's warning and while armed.

const FROM = [
  ['NativeModule http', () => require('node:http').globalAgent],
  ['NativeModule https', () => require('node:https').globalAgent],
  ['NativeModule cluster', () => require('node:cluster')],
  ['NativeModule worker_threads', () => require('node:worker_threads').parentPort],
]

/** Beside `process`, which is always counted. Weak: the app may replace its agents. */
function find() {
  const loaded = new Set(process.moduleLoadList ?? [])
  const found = []
  for (const [name, get] of FROM) {
    if (!loaded.has(name)) continue
    try {
      const target = get()
      if (target !== null && target !== undefined) found.push(new WeakRef(target))
    } catch {
      // Not to be had here (--permission, a policy): counted less, never in the way.
    }
  }
  return found
}

module.exports = { find }
