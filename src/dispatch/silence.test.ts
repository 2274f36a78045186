import { expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { createMetrics } from '../lib/metrics.ts'
import { listenForAuditor, type SilenceOptions } from './silence.ts'

const HEARD = { passAgeMs: 10, passMs: 5, wholeMs: 7, findings: 2 }
type Signs = Awaited<ReturnType<SilenceOptions['store']['auditorSigns']>>

/** A clock that is moved by hand; sleeping takes one turn, so that the loop asks again and again. */
function house(read: () => Promise<Signs>, stopsSends = true) {
  let nowMs = 1_000_000
  const lines: string[] = []
  const note = (fields: object) => lines.push('alarm' in fields ? String(fields.alarm) : 'other')
  const metrics = createMetrics()
  const silence = listenForAuditor({
    store: { auditorSigns: read },
    clock: { ...systemClock, monotonic: () => nowMs, sleep: (_ms, signal) => systemClock.sleep(1, signal) },
    log: { warn: note, error: note },
    metrics,
    stopsSends,
  })
  return {
    silence,
    lines,
    metrics,
    async pass(ms: number) {
      nowMs += ms
      await systemClock.sleep(30)
    },
  }
}

test('an auditor that is heard stops nothing, however long it takes', async () => {
  const { silence, pass, lines, metrics } = house(async () => ({ beatAgeMs: 4_000, ...HEARD }))
  for (let minutes = 0; minutes < 12; minutes += 0.5) await pass(30_000)
  expect(silence.auditorIsSilent()).toBe(false)
  expect(lines).toEqual([])
  expect(await metrics.render()).toContain('quittance_auditor_findings 2')
  await silence.stop()
})

test('silent for a minute is one alarm, for ten minutes the end of sending, and it ends when it is heard', async () => {
  let beatAtMs = 0
  let nowMs = 0
  const signs = async () => ({ beatAgeMs: nowMs - beatAtMs, ...HEARD })
  const { silence, pass, lines } = house(signs)
  const later = async (ms: number) => {
    nowMs += ms
    await pass(ms)
  }
  await later(59_000)
  expect(lines).toEqual([])
  await later(2_000)
  expect(lines).toEqual(['auditor_silent'])
  await later(538_000)
  expect(silence.auditorIsSilent()).toBe(false)
  await later(2_000)
  expect(silence.auditorIsSilent()).toBe(true)
  await later(60_000)
  expect(lines).toEqual(['auditor_silent', 'auditor_silent_sends_stop'])
  beatAtMs = nowMs
  await later(0)
  expect(silence.auditorIsSilent()).toBe(false)
  await silence.stop()
})

test('who cannot read its words hears silence, and the sends stop', async () => {
  const { silence, pass } = house(() => Promise.reject(new Error('no database')))
  await pass(599_000)
  expect(silence.auditorIsSilent()).toBe(false)
  await pass(2_000)
  expect(silence.auditorIsSilent()).toBe(true)
  await silence.stop()
})

test('what was silent before this process began, as on a first start, has its ten minutes', async () => {
  const { silence, pass } = house(async () => ({ ...HEARD, beatAgeMs: 86_400_000 }))
  await pass(1_000)
  expect(silence.auditorIsSilent()).toBe(false)
  await pass(600_000)
  expect(silence.auditorIsSilent()).toBe(true)
  await silence.stop()
})

test('in the demo it is an alarm and stops nothing', async () => {
  const { silence, pass, lines } = house(async () => ({ ...HEARD, beatAgeMs: null }), false)
  await pass(700_000)
  expect(lines).toEqual(['auditor_silent'])
  expect(silence.auditorIsSilent()).toBe(false)
  await silence.stop()
})
