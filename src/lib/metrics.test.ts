import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('a counter, a gauge and a histogram are rendered in the text format of Prometheus', async () => {
  const metrics = createMetrics()
  const accepted = metrics.counter('payouts_accepted_total', 'Payouts accepted.', ['door'])
  const doubt = metrics.gauge('payouts_in_doubt', 'Payouts in doubt.')
  const seconds = metrics.histogram('answer_seconds', 'Time to answer.', ['door'], [0.1, 1])
  accepted.inc({ door: 'paypro' })
  accepted.inc({ door: 'paypro' }, 2)
  accepted.inc({ door: 'avanor' })
  doubt.set(5)
  doubt.inc()
  doubt.dec(2)
  seconds.observe({ door: 'paypro' }, 0.05)
  seconds.observe({ door: 'paypro' }, 0.5)
  seconds.observe({ door: 'paypro' }, 5)
  expect(
    (await metrics.render())
      .trim()
      .split('\n')
      .filter(line => line !== ''),
  ).toEqual([
    '# HELP payouts_accepted_total Payouts accepted.',
    '# TYPE payouts_accepted_total counter',
    'payouts_accepted_total{door="paypro"} 3',
    'payouts_accepted_total{door="avanor"} 1',
    '# HELP payouts_in_doubt Payouts in doubt.',
    '# TYPE payouts_in_doubt gauge',
    'payouts_in_doubt 4',
    '# HELP answer_seconds Time to answer.',
    '# TYPE answer_seconds histogram',
    'answer_seconds_bucket{le="0.1",door="paypro"} 1',
    'answer_seconds_bucket{le="1",door="paypro"} 2',
    'answer_seconds_bucket{le="+Inf",door="paypro"} 3',
    'answer_seconds_sum{door="paypro"} 5.55',
    'answer_seconds_count{door="paypro"} 3',
  ])
  expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
})

test('a histogram has buckets for times when none are named', async () => {
  const metrics = createMetrics()
  metrics.histogram('wait_seconds', 'Time waited.').observe(0.007)
  const text = await metrics.render()
  expect(text).toContain('wait_seconds_bucket{le="0.005"} 0')
  expect(text).toContain('wait_seconds_bucket{le="0.01"} 1')
  expect(text).toContain('wait_seconds_bucket{le="10"} 1')
})

test('a label value cannot break out of its line', async () => {
  const metrics = createMetrics()
  metrics.counter('seen_total', 'Seen.', ['code']).inc({ code: 'a"} 9\nforged_total 1' })
  expect(await metrics.render()).not.toMatch(/^forged_total/m)
})

test('two of them do not count into each other', async () => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.counter('same_total', 'Same.').inc()
  other.counter('same_total', 'Same.').inc(5)
  expect(await one.render()).toContain('same_total 1')
  expect(await other.render()).toContain('same_total 5')
})

test('a name twice, a name that is none, a label that was not declared and a falling counter are our mistakes', () => {
  const metrics = createMetrics()
  const counter = metrics.counter('twice_total', 'Twice.', ['door'])
  expect(() => metrics.counter('twice_total', 'Twice.')).toThrow()
  expect(() => metrics.gauge('not a name', 'Wrong.')).toThrow()
  expect(() => counter.inc({ other: 'x' })).toThrow()
  expect(() => counter.inc({ door: 'x' }, -1)).toThrow()
})
