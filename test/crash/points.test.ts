// kill -9 once at every named point of the life of a payout, before and after everything durable. Real processes, a real
// Postgres, a provider with books of its own: SAFETY.md section 7, level L3.
import { beforeAll, describe, expect, test } from 'vitest'
import { runLanes } from './lanes.ts'
import { POINT_NAMES, POINTS } from './points.ts'
import { type CrashRun, openBench } from './run.ts'

/** A run waits more than it works. */
const LANES = 3

const runs = new Map(POINT_NAMES.map(point => [point, Promise.withResolvers<CrashRun>()]))
let all: Promise<void> = Promise.resolve()

beforeAll(() => {
  const draws = POINT_NAMES.map(point => ({ point, nth: 1, name: point.toLowerCase() }))
  all = runLanes(draws, {
    lanes: LANES,
    openBench: () => openBench(),
    seed: 1,
    onRun: run => runs.get(run.point)?.resolve(run),
  })
  all.catch(error => {
    for (const { promise, reject } of runs.values()) {
      promise.catch(() => {})
      reject(error)
    }
  })
})

describe('killed there and started again, nothing acknowledged is lost and nothing is paid twice', () => {
  test.each(POINT_NAMES)('%s', async point => {
    const run = await runs.get(point)?.promise
    console.log(
      `${point} ${POINTS[point]}: ${run?.durationMs} ms, ${JSON.stringify(run?.states)}, ${run?.forPerson} for a person`,
    )
    // A run whose process never came there has shown nothing.
    expect(run).toMatchObject({ unjudged: null, breaches: [], lost: 0, double: 0, killed: true })
  })

  test('and all that was started for it has ended', () => all)
})
