// Compiled by types.test.js, never run: what users write, and what must not compile.

import { EventEmitter } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { countListeners, health, hotListeners, metrics, watch } from '../index'
import type * as everything from '../index'
import type { Guard, HealthBody, ListenerReport, Report, Sample, State, Suspect, WatchOptions } from '../index'

const options: WatchOptions = {
  preset: 'dev',
  interval: 1000,
  listeners: { threshold: 20 },
  limits: { warn: 0.5 },
  evidence: { dir: 'out' },
  restart: { drain: async (reason) => void reason.length },
}
const guard: Guard = watch(options)
watch()

guard.on('leak', ({ report, reasons }) => {
  const first: Suspect | undefined = report.suspects[0]
  const line: number | undefined = first?.frames?.[0]?.line
  return [line, reasons[0]?.length]
})
guard.on('sample', (sample) => sample.rss.toFixed())
guard.once('floor', ({ bytes, natural }) => [bytes.toFixed(), natural])
guard.on('pressure', ({ pressure }) => pressure === 'critical')
guard.on('any other', () => {})

const report: Report = guard.report()
const state: State = report.state
const eta: number | null = report.verdict.etaSeconds
const samples: Sample[] = guard.history({ from: Date.now() - 60_000 })
const threshold: number = guard.options.listeners.threshold
guard.stop()
guard[Symbol.dispose]()

createServer(health(guard))
createServer(health())
createServer(health({ path: '/health', details: true }))
createServer(health.readiness(guard, { details: (req: IncomingMessage) => req.socket.remotePort === 1 }))
createServer(health.liveness())

// The shape of Express and Connect, without importing them.
declare const app: {
  get(path: string, handler: (req: object, res: object, next: (error?: unknown) => void) => void): void
}
app.get('/health', health(guard, { details: (req: IncomingMessage & { user?: string }) => req.user === 'ops' }))

const text: string = metrics(guard)
const counts: Record<string, number> = countListeners(new EventEmitter())
countListeners(new AbortController().signal)
const hot: ListenerReport[] = hotListeners({ threshold: 5 })
declare const body: HealthBody
const floor: number | null | undefined = body.checks?.['memory:heapFloor']?.[0]?.observedValue

// @ts-expect-error unknown option
watch({ intervall: 1 })
// @ts-expect-error wrong type
watch({ interval: '1s' })
// @ts-expect-error unknown preset
watch({ preset: 'fast' })
// @ts-expect-error not a form
health(guard, { form: 'live' })
// @ts-expect-error not an emitter
countListeners('process')
// @ts-expect-error read-only
guard.state = 'steady'

// Exact: a name too many or too few does not compile. types.test.js compares it with what is exported.
const EXPORTED: Record<keyof typeof everything, true> = {
  countListeners: true,
  health: true,
  hotListeners: true,
  metrics: true,
  watch: true,
}

export { EXPORTED, counts, eta, floor, hot, samples, state, text, threshold }
