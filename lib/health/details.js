'use strict'

// Who may see names. File names, package versions and stacks help an attacker, so that by default only
// somebody on this very machine gets them. A reverse proxy on the same machine connects from loopback on
// behalf of the whole world, hence the second and third look: forwarding headers, and a Host that is local
// (some proxies add no header, but pass the Host on; and a web page that rebinds its name to 127.0.0.1 is
// given away by it too).

const FORWARDING = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'x-envoy-external-address',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-appengine-user-ip',
  'x-azure-clientip',
]
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/i
const LOCAL_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|\[::ffff:127(?:\.\d{1,3}){3}\])(?::\d{1,5})?$/i

/** `setting` is the option: a boolean, a function of the request, or undefined for the rule above. */
function allowed(setting, req) {
  try {
    if (typeof setting === 'function') return setting(req) === true
    return setting ?? isLocal(req)
  } catch {
    // Whoever cannot be judged is a stranger.
    return false
  }
}

function isLocal(req) {
  const address = req.socket?.remoteAddress
  if (typeof address !== 'string' || !LOOPBACK.test(address)) return false
  const headers = req.headers ?? {}
  if (FORWARDING.some((name) => headers[name] !== undefined)) return false
  const host = headers.host ?? headers[':authority']
  return host === undefined || LOCAL_HOST.test(host)
}

module.exports = { allowed }
