import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMigratedDatabase, type TestDatabase } from '../postgres.ts'
import { drawnScript } from './draw.ts'
import { type Isolation, openPair, type Pair } from './pair.ts'
import { PLANTED, planted } from './planted.ts'
import { type Run, rerun, runScript } from './run.ts'
import { printed } from './script.ts'
import { shrunk } from './shrink.ts'
import { runTier } from './tier.ts'

/** Of each isolation level. The long tier: npm run store-scripts -- --count 100000. */
const SCRIPTS = 200
const SEED = 1n
/** Scripts at a time: most of a script's time is waiting for the server. */
const PAIRS = 3

const TIMEOUT_MS = 600_000

const databases: TestDatabase[] = []
const pairs: Record<Isolation, Pair[]> = { 'read committed': [], serializable: [] }
const kept: Run[] = []

beforeAll(async () => {
  for (const isolation of ['read committed', 'serializable'] as const)
    for (let count = 0; count < PAIRS; count += 1) {
      const database = await createMigratedDatabase('scripts')
      databases.push(database)
      pairs[isolation].push(await openPair(database.url, isolation))
    }
}, TIMEOUT_MS)

afterAll(async () => {
  for (const pair of [...pairs['read committed'], ...pairs.serializable]) await pair.close()
  for (const database of databases) await database.drop()
}, TIMEOUT_MS)

describe.each(['read committed', 'serializable'] as const)('under %s', isolation => {
  test('model and Postgres answer alike in every script, and end with the same rows', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const tier = await runTier(pairs[isolation], { seed: SEED, count: SCRIPTS, keep: true })
    expect(tier.failure).toBeNull()
    kept.push(...tier.runs)
    for (const answer of REACHED)
      expect(tier.answers.get(answer) ?? 0, `${answer} is never reached`).toBeGreaterThan(0)
  })
})

/** What a run without would prove too little of. Rare refusals come in the long tier. */
const REACHED = [
  ...[
    'accepted',
    'replayed',
    'conflict reference',
    'conflict idempotency_key',
    'insufficient',
    'refused',
  ].map(verdict => `acceptPayouts ${verdict}`),
  ...['done', 'stale', 'refused: payout_legal_step', 'refused: balance_not_negative'].map(
    verdict => `advancePayouts ${verdict}`,
  ),
  ...['kept', 'known', 'no_attempt'].map(verdict => `recordCallbacks ${verdict}`),
  ...['new', 'same', 'other'].map(verdict => `beginOneTimeUse ${verdict}`),
  ...['claimDue', 'claimAttempts', 'claimNotices', 'claimProofSearches'].flatMap(claim => [
    `${claim} row`,
    `${claim} nothing`,
  ]),
  ...['funded', 'known'].map(verdict => `fundMerchant ${verdict}`),
]

describe('the scripts find what is planted in the model', () => {
  test.each(Object.entries(PLANTED))('%s', { timeout: TIMEOUT_MS }, async (_name, plant) => {
    const [pair] = pairs['read committed']
    if (pair === undefined) throw new Error('no pair is open')
    const createModel: Pair['createModel'] = clock => planted(pair.createModel(clock), plant)
    for (const run of kept) if ((await rerun(run, createModel)) !== null) return
    expect.fail('not found in any script')
  })
})

test('what was kept of Postgres fits the model that has nothing planted in it', async () => {
  const [pair] = pairs['read committed']
  if (pair === undefined) throw new Error('no pair is open')
  for (const run of kept.slice(0, 20)) expect(await rerun(run, pair.createModel)).toBeNull()
})

test('a script that fails is cut to the few calls that it needs, and printed', {
  timeout: TIMEOUT_MS,
}, async () => {
  const [pair] = pairs['read committed']
  const plant = PLANTED['a replay gives another answer']
  if (pair === undefined || plant === undefined) throw new Error('no pair is open')
  const wrong: Pair = { ...pair, createModel: clock => planted(pair.createModel(clock), plant) }
  for (let seed = SEED; seed < SEED + 50n; seed += 1n) {
    const run = await runScript(wrong, drawnScript(seed))
    if (run.mismatch === null) continue
    const small = await shrunk(wrong, run)
    // Money, a payout, and the same payout again; now and then also what gives back the money for it.
    const names = small.script.flatMap(({ calls }) => calls.map(({ name }) => name))
    expect(names.length).toBeLessThanOrEqual(5)
    expect(names.at(-1)).toBe('acceptPayouts')
    expect(printed(small.script)).toMatch(/fundMerchant\(.+\n.+acceptPayouts\(/)
    return
  }
  expect.fail('no script failed')
})
