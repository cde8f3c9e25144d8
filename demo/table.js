'use strict'

// The live table: drawn in place on a terminal, as plain lines every few seconds anywhere else.

const { bytes, duration } = require('./words')

const COLUMNS = [
  ['server', 10, ({ name }) => name],
  ['state', 10, ({ health, dead }) => (dead ? 'dead' : (health?.state ?? '...'))],
  ['floor', 10, ({ health }) => bytes(health?.memory?.floor?.bytes)],
  ['slope/min', 11, ({ health }) => bytes(health?.verdict?.bytesPerMinute)],
  ['full in', 9, ({ health }) => duration(health?.verdict?.etaSeconds ?? NaN)],
  ['requests', 9, ({ health }) => String(health?.work?.requests ?? '-')],
]
const COLOURS = { leaking: 31, dead: 31, suspect: 33, steady: 32, recovered: 32 }
const PLAIN_EVERY = 5

class Table {
  #out
  #live
  #coloured
  #drawn = 0
  #last = -Infinity

  constructor(out = process.stdout, env = process.env) {
    this.#out = out
    this.#live = out.isTTY === true && env.TERM !== 'dumb'
    this.#coloured = this.#live && !env.NO_COLOR
  }

  /** Shows `servers` as they are, `seconds` after the start. */
  draw(servers, seconds) {
    if (!this.#live && seconds - this.#last < PLAIN_EVERY) return
    this.#last = seconds
    const head = COLUMNS.map(([title, width]) => title.padEnd(width)).join(' ')
    const lines = [`after ${Math.round(seconds)} s`, head, ...servers.map((server) => this.#row(server))]
    // Up over the last drawing and clear to the end of the screen; a row is short enough not to
    // wrap.
    const back = this.#live && this.#drawn > 0 ? `\x1b[${this.#drawn}A\x1b[J` : ''
    this.#out.write(`${back}${lines.join('\n')}\n${this.#live ? '' : '\n'}`)
    this.#drawn = lines.length
  }

  #row(server) {
    return COLUMNS.map(([title, width, text]) => {
      const word = text(server)
      const colour = title === 'state' && this.#coloured ? COLOURS[word] : undefined
      const padded = word.padEnd(width)
      return colour === undefined ? padded : `\x1b[${colour}m${padded}\x1b[0m`
    }).join(' ')
  }
}

module.exports = { Table }
