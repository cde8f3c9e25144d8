'use strict'

// What each server is known to do, against what /health says of it.

const path = require('node:path')
const { bytes, duration } = require('./words')

const EXPECTED = {
  array: { state: 'leaking', function: 'logMiddleware', file: 'array.js' },
  listeners: { state: 'leaking', function: 'onSocket', file: 'listeners.js' },
  buffers: { state: 'leaking', function: 'upload', file: 'buffers.js', kind: 'external' },
  healthy: { state: 'steady' },
}
// "Named" means at the head of the list: who is fifth has not been named.
const FIRST = 3

/** -> { right, expected, got, guilty }; `guilty` is { suspect, frame } or null. */
function judge({ name, health, dead }) {
  const wanted = EXPECTED[name]
  const guilty = find(health, wanted)
  const state = dead ? 'dead' : (health?.state ?? 'no answer')
  const right = state === wanted.state && (wanted.function === undefined || guilty !== null)
  return { right, expected: say(wanted), got: got(state, wanted, health, guilty), guilty }
}

function find(health, wanted) {
  if (wanted.function === undefined) return null
  for (const suspect of (health?.suspects ?? []).slice(0, FIRST)) {
    if (wanted.kind !== undefined && suspect.kind !== wanted.kind) continue
    const frame = suspect.frames?.find(
      (each) => each.function === wanted.function && path.basename(each.file) === wanted.file,
    )
    if (frame !== undefined) return { suspect, frame }
  }
  return null
}

function say({ state, function: name, file, kind }) {
  if (name === undefined) return state
  return `${state}, ${name} in ${file}${kind === undefined ? '' : `, ${kind} memory`}`
}

function got(state, wanted, health, guilty) {
  if (guilty !== null) {
    const { function: name, file } = guilty.frame
    const kind = wanted.kind === undefined ? undefined : guilty.suspect.kind
    return say({ state, function: name, file: path.basename(file), kind })
  }
  const first = health?.suspects?.[0]?.title
  return first === undefined ? state : `${state}, first suspect: ${first}`
}

/** The verdict on one server, as lines to print; `started` is when the demo began (epoch ms). */
function describe(server, started) {
  const { right, expected, got: answer, guilty } = judge(server)
  const lines = [`${right ? 'ok   ' : 'WRONG'} ${server.name}: expected ${expected}; got ${answer}`]
  if (server.dead) return [...lines, `      ${server.dead.trim().replaceAll('\n', '\n      ')}`]
  const verdict = server.health?.verdict
  if (!verdict) return lines
  if (!verdict.leak) {
    lines.push(`      no leak: ${(server.health.notes ?? []).join('; ') || 'nothing grows'}`)
  } else {
    const since = verdict.since === null ? NaN : Math.max(0, verdict.since - started) / 1000
    const request = verdict.bytesPerRequest
    const speed = `${bytes(verdict.bytesPerMinute)} per minute`
    const each = request === null ? 'not tied to requests' : `${bytes(request)} per request`
    lines.push(`      leak since ${duration(since)} after the start: ${speed}, ${each}`)
  }
  if (guilty !== null) {
    const { frame, suspect } = guilty
    const { function: name, file, line } = frame
    lines.push(`      guilty: ${name} (${path.relative(process.cwd(), file)}:${line})`)
    lines.push(`      ${suspect.title}`)
    if (suspect.kind === 'external') lines.push(`      external bytes: ${bytes(suspect.bytes)}`)
    lines.push(`      fix: ${suspect.fix}`)
  }
  return lines
}

module.exports = { EXPECTED, describe, judge }
