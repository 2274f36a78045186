// A primary with a standby, failed over under load: SAFETY.md section 7, level L4.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemRandom } from '../../src/lib/random.ts'
import { temporaryFolder } from '../postgres.ts'
import { type RailProgram, startRail } from '../rail.ts'
import type { Kind } from './draw.ts'
import { makeMigrated } from './pair.ts'
import type { Cluster } from './postgres.ts'
import { failoverOnce } from './run.ts'

let rail: RailProgram
let folder: string
let migrated: Cluster
const closing = new AsyncDisposableStack()
beforeAll(async () => {
  folder = await temporaryFolder()
  closing.defer(() => rm(folder, { recursive: true, force: true }))
  rail = closing.use(await startRail({ latencyMs: 30 }))
  migrated = await makeMigrated(join(folder, 'migrated'))
})
afterAll(() => closing.disposeAsync())

async function run(kind: Kind, name: string) {
  const seed = systemRandom.below(1_000_000)
  const done = await failoverOnce({ kind, seed, name, rail, migrated, folder, count: 120 })
  console.log(JSON.stringify(done))
  return done
}

describe('a primary killed under load, its standby promoted', () => {
  test.each(['first', 'second'])(
    'synchronous, %s: nothing acknowledged is lost, nothing is paid twice, and nothing is sent before two people say so',
    {
      timeout: 300_000,
    },
    async name => {
      const { breaches, lost, acknowledged } = await run('synchronous', name)
      expect(breaches).toEqual([])
      expect([acknowledged, lost]).toEqual([120, 0])
    },
  )

  test('asynchronous: the tail is lost, what was paid in it is found, and nothing is paid twice', {
    timeout: 300_000,
  }, async () => {
    const { breaches, double } = await run('asynchronous', 'tail')
    expect(breaches).toEqual([])
    expect(double).toBe(0)
  })
})
