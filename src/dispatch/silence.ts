// Listens for the auditor (SAFETY.md section 9): silent for a minute it is an alarm, silent for ten no send leaves any
// more. Who cannot read its words hears silence too, so that this fails closed.
import type { Clock } from '../lib/clock.ts'
import { createLoop } from '../lib/loop.ts'
import type { Metrics } from '../lib/metrics.ts'
import type { Store } from '../store/store.ts'

export interface Silence {
  /** True from the moment on at which nothing more may leave. Asked in the last check; it reads no clock but its own. */
  auditorIsSilent(): boolean
  stop(): Promise<void>
}

export interface SilenceOptions {
  readonly store: Pick<Store, 'auditorSigns'>
  readonly clock: Clock
  readonly log: { warn(fields: object, message: string): void; error(fields: object, message: string): void }
  readonly metrics: Metrics
  /** False in the demo, which pays nobody: there it is an alarm alone. */
  readonly stopsSends: boolean
  readonly limits?: Partial<typeof SILENCE_LIMITS>
}

export const SILENCE_LIMITS = { alarmMs: 60_000, stopMs: 600_000, pollMs: 5_000 }

export function listenForAuditor(options: SilenceOptions): Silence {
  const { store, clock, log, metrics, stopsSends } = options
  const limits = { ...SILENCE_LIMITS, ...options.limits }
  const gauges = auditorGauges(metrics)
  // The auditor has as long from our own start: what was silent while nothing ran says nothing.
  let heardAt = clock.monotonic()
  let alarmed = false
  let stopped = false
  const silentMs = () => clock.monotonic() - heardAt
  const auditorIsSilent = () => stopsSends && silentMs() >= limits.stopMs

  async function round(): Promise<boolean> {
    const asked = clock.monotonic()
    try {
      const signs = await store.auditorSigns()
      // Its age at some moment after we asked: from the asking on it is older rather than younger.
      if (signs.beatAgeMs !== null) heardAt = Math.max(heardAt, asked - Math.max(0, signs.beatAgeMs))
      gauges.passAge.set((signs.passAgeMs ?? Number.NaN) / 1_000)
      gauges.passSeconds.set({ pass: 'changed' }, (signs.passMs ?? Number.NaN) / 1_000)
      gauges.passSeconds.set({ pass: 'whole' }, (signs.wholeMs ?? Number.NaN) / 1_000)
      gauges.findings.set(signs.findings)
    } finally {
      tell()
    }
    return false
  }

  function tell(): void {
    const ms = silentMs()
    gauges.silent.set(ms / 1_000)
    const isLong = ms >= limits.alarmMs
    if (isLong && !alarmed) log.error({ alarm: 'auditor_silent', silentMs: Math.round(ms) }, 'alarm')
    if (!isLong && alarmed) log.warn({}, 'the auditor is heard again')
    alarmed = isLong
    if (auditorIsSilent() !== stopped) {
      stopped = !stopped
      if (stopped) log.error({ alarm: 'auditor_silent_sends_stop', silentMs: Math.round(ms) }, 'alarm')
      else log.warn({}, 'sends go on: the auditor is heard again')
    }
  }

  const loop = createLoop({
    clock,
    round,
    pollMs: () => limits.pollMs,
    failed: error => log.warn({ err: error }, "the auditor's heartbeat cannot be read"),
    recovered: () => log.warn({}, "the auditor's heartbeat can be read again"),
  })
  loop.start()
  return { auditorIsSilent, stop: () => loop.stop() }
}

function auditorGauges(metrics: Metrics) {
  return {
    silent: metrics.gauge('quittance_auditor_silent_seconds', 'Since the auditor was last heard.'),
    passAge: metrics.gauge('quittance_auditor_pass_age_seconds', "Since the auditor's last pass ended."),
    passSeconds: metrics.gauge('quittance_auditor_pass_seconds', 'What its last pass took.', ['pass']),
    findings: metrics.gauge('quittance_auditor_findings', 'Breaches that it has found, ever.'),
  }
}
