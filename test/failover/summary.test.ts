import { expect, test } from 'vitest'
import { drawRun } from './draw.ts'
import { figures, goOn, kindOf, type PlacedRun } from './summary.ts'

const MADE = { date: '2026-01-01', node: 'v24', postgres: '18' }

function runOf(place: number, more: Partial<PlacedRun> = {}): PlacedRun {
  return {
    place,
    draw: { ...drawRun(kindOf(place), place).draw, restarts: false, noticedAfterMs: 100 },
    ...{ acknowledged: 10, lost: 0, phantoms: 0, double: 0, forPerson: 0, states: {}, sign: 'timeline' },
    ...{
      promotionMs: 50,
      outageMs: 200 + place,
      waitedMs: 300,
      refused: 1,
      broken: 2,
      breaches: [],
      durationMs: 1_000,
    },
    ...more,
  }
}

test('of sixty runs fifty are synchronous, and the same seed draws the same run', () => {
  const kinds = Array.from({ length: 60 }, (_, place) => kindOf(place))
  expect(kinds.filter(kind => kind === 'synchronous')).toHaveLength(50)
  expect(drawRun('synchronous', 7).draw).toEqual(drawRun('synchronous', 7).draw)
  expect(drawRun('synchronous', 7).draw).not.toEqual(drawRun('synchronous', 8).draw)
})

test('the figures tell losses by kind, count each breach, and take the drawn wait out of the time to find the standby', () => {
  const runs = [runOf(0), runOf(1, { breaches: ['one', 'two'] }), runOf(5, { lost: 4, phantoms: 2 })]
  expect(figures({ commit: 'c', seed: 7, runs }, MADE)).toMatchObject({
    ...{ kind: 'failover', commit: 'c', seed: 7, runs: 3, synchronousRuns: 2, asynchronousRuns: 1 },
    ...{ acknowledged: 30, synchronousLost: 0, asynchronousLost: 4, phantomsFound: 2, breaches: 2 },
    ...{ reconnectedFoundMsMedian: 51, reconnectedFoundMsMax: 55, restartedFoundMsMax: 0, secondsInAll: 3 },
  })
})

test('runs of other code or of another seed are not gone on from', () => {
  const text = JSON.stringify({ commit: 'c', seed: 7, runs: [runOf(0)] })
  expect(goOn(text, { commit: 'c', seed: 7 }).runs).toHaveLength(1)
  expect(goOn(text, { commit: 'd', seed: 7 }).runs).toEqual([])
  expect(goOn(text, { commit: 'c', seed: 8 }).runs).toEqual([])
  expect(goOn(null, { commit: 'c', seed: 8 })).toEqual({ commit: 'c', seed: 8, runs: [] })
})
