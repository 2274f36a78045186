// kill -9 once at every named point of the life of a payout, before and after everything durable. Real processes, a real
// Postgres, a provider with books of its own: SAFETY.md section 7, level L3.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RailProgram, startRail } from '../rail.ts'
import { POINT_NAMES, POINTS } from './points.ts'
import { crashOnce } from './run.ts'

let rail: RailProgram
beforeAll(async () => {
  rail = await startRail()
})
afterAll(() => rail[Symbol.asyncDispose]())

describe('killed there and started again, nothing acknowledged is lost and nothing is paid twice', () => {
  test.each(POINT_NAMES)('%s', { timeout: 180_000 }, async point => {
    const run = await crashOnce({ point, nth: 1, name: `${point.toLowerCase()}-1`, rail })
    console.log(
      `${point} ${POINTS[point]}: ${run.durationMs} ms, ${JSON.stringify(run.states)}, ${run.neverArrived} for a person`,
    )
    expect(run.breaches).toEqual([])
    expect(run.killed).toBe(true)
  })
})
