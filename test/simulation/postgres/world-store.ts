// The store of a history over real Postgres: the product's own, by the clock of the history. Beside it stands what the
// history reads between two events.
import type { Breach } from '../../../src/auditor/breach.ts'
import { AssertionFailed } from '../../../src/lib/assert.ts'
import type { Pool } from '../../../src/store/postgres.ts'
import type { Store } from '../../../src/store/store.ts'
import { scriptClock } from '../../store/clock.ts'
import type { WorldStore } from '../model/model-store.ts'
import { makerOf } from '../model/persons.ts'
import type { Releases } from '../model/releases.ts'
import type { StoreFunction } from '../process/store-port.ts'
import type { Answer, Beside } from './beside.ts'
import type { WorldDatabase } from './database.ts'
import { type Looked, look, NOTHING } from './looked.ts'
import type { Passes } from './passes.ts'
import { FIRST_CODE, releasesOf } from './releases.ts'
import type { Turns } from './turn.ts'

export interface PostgresWorldStore extends WorldStore {
  /** The history is over: the auditor passes once more, and the model has to have the same rows. */
  audit(): Promise<void>
}

export interface WorldStoreNeeds {
  /** As it was when it was made, and this history's alone. */
  readonly database: WorldDatabase
  readonly turns: Turns
  readonly clock: { now(): number }
  /** The model that every call is made to as well; null: Postgres alone. */
  readonly beside: Beside | null
  readonly passes: Passes
  /** Model and Postgres part, which is told once: what follows would only follow from it. Or what the auditor found. */
  readonly report: (invariant: string, said: string) => void
}

/** Postgres and the model part. */
export const MODEL = 'model'

/** Functions that write nothing: what was last looked at still holds. */
const READS: ReadonlySet<string> = new Set<StoreFunction>([
  ...(['findConfirmation', 'findPayout', 'findForStep', 'listPayouts', 'payoutEvents'] as const),
  ...(['payoutPostings', 'payoutAttempts', 'payoutExchanges', 'payoutNotices', 'merchantBalances'] as const),
  ...(['readBooks', 'backlog', 'readConfiguration', 'configurationVersion', 'findIncarnation'] as const),
  ...(['withOpenSends', 'withLiveAttempts', 'installationId', 'sweptJournals', 'unknownSends'] as const),
  ...([
    'proofImages',
    'proofSearches',
    'takeNumbers',
    'findPhantom',
    'phantomCount',
    'switchEvents',
  ] as const),
  ...(['trippedSwitches', 'findFactor', 'ready'] as const),
])
/** Reads that look at the clock. */
const TIMED_READS: ReadonlySet<string> = new Set<StoreFunction>([
  'findDecidable',
  'findProposal',
  'safeModes',
])

export function openWorldStore({
  database: { pool, reader, openStores },
  ...needs
}: WorldStoreNeeds): PostgresWorldStore {
  const { turns, clock, passes } = needs
  let code = FIRST_CODE
  const nextCode = (): number => code++
  let store = storesOf(openStores(), nextCode)
  const time = scriptClock(pool)
  let { beside } = needs
  let looked: Looked = NOTHING

  async function call(name: StoreFunction, args: readonly unknown[], atMs: number): Promise<unknown> {
    if (!READS.has(name)) await time.set(atMs, 0)
    // A process that starts remembers nothing of what another one has written.
    if (name === 'beginIncarnation') store = storesOf(openStores(), nextCode)
    // Each function takes what its own type says; here they are all called alike.
    const run = store[name] as (...given: readonly unknown[]) => Promise<unknown>
    let result: unknown
    try {
      result = inOrder(name, await run(...args))
    } catch (error) {
      await follow(name, args, { error })
      throw error
    }
    if (name === 'putDoorCredential') await owned(pool, args[0] as Parameters<Store[typeof name]>[0])
    if (!READS.has(name) && !TIMED_READS.has(name) && !isNothing(name, result)) {
      looked = await look(pool)
      tell(await passes.committed())
    }
    await follow(name, args, { result })
    return result
  }

  async function follow(name: StoreFunction, args: readonly unknown[], answer: Answer): Promise<void> {
    part((await beside?.follow(name, args, answer)) ?? null)
  }

  function part(said: string | null): void {
    if (said === null) return
    beside = null
    needs.report(MODEL, said)
  }

  function tell(breaches: readonly Breach[]): void {
    for (const { invariant, merchantId, subject, detail } of breaches)
      needs.report(invariant, `the auditor finds of ${merchantId}: ${subject}: ${detail}`)
  }

  const calls = Object.fromEntries(
    Object.keys(store).map(name => [
      name,
      (...args: readonly unknown[]): Promise<unknown> => {
        const atMs = Math.floor(clock.now())
        return turns.take(() => call(name as StoreFunction, args, atMs)) // a key of the store, and no `close`
      },
    ]),
  )
  return {
    // Under each name stands the function of that name.
    ...(calls as unknown as Store & Releases),
    close: async () => {},
    audit: () =>
      turns.take(async () => {
        tell(await passes.end())
        part((await beside?.compare(reader)) ?? null)
      }),
    tables: () => looked.tables,
    nextDueAtMs: () => looked.nextDueAtMs,
    commits: () => refuse('commits'),
    snapshot: () => refuse('snapshot'),
    restore: () => refuse('restore'),
  }
}

function storesOf(
  { store, people }: ReturnType<WorldDatabase['openStores']>,
  nextCode: () => number,
): Store & Releases {
  const { findDecidable, propose, findProposal, confirmProposal, endProposal, findFactor, useCode } = people
  return {
    ...store,
    ...{ findDecidable, propose, findProposal, confirmProposal, endProposal, findFactor, useCode },
    ...releasesOf(people, nextCode),
  }
}

/** A claim that found nothing has changed nothing. */
function isNothing(name: StoreFunction, result: unknown): boolean {
  return name.startsWith('claim') && Array.isArray(result) && result.length === 0
}

/** Which of two rows of the same moment comes first is the server's to choose, and the history has to be the same. */
function inOrder(name: string, result: unknown): unknown {
  if (!name.startsWith('claim')) return result
  return (result as readonly Row[]).toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1))
}

type Row = Partial<
  Record<'payout', { readonly merchantId: string; readonly number: bigint }> & {
    readonly merchantId: string
    readonly number: bigint
    readonly attempt: { readonly attemptNo: number }
    readonly attemptNo: number
    readonly target: string
  }
>

function placeOf(row: Row): string {
  const { merchantId = '', number = 0n } = row.payout ?? row
  const rest = row.attempt?.attemptNo ?? row.attemptNo ?? row.target ?? ''
  return `${merchantId} ${String(number).padStart(16, '0')} ${rest}`
}

/** Who a credential belongs to is set beside the store's own interface. */
async function owned(
  pool: Pool,
  { door, publicId }: Parameters<Store['putDoorCredential']>[0],
): Promise<void> {
  const owner = makerOf({ door, doorCredentialId: publicId })
  if (owner === null) return
  const values = [door, publicId, owner]
  await pool.query('update door_credential set owner = $3 where door = $1 and public_id = $2', values)
  // As if it had come with the credential.
  await pool.query('update configuration set version = version - 1')
}

function refuse(name: keyof WorldStore): never {
  throw new AssertionFailed(`nothing is restored over Postgres, so nobody asks for ${name}`)
}
