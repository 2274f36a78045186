// The model beside Postgres: every call of a history is made to it too, at the same virtual moment, and has to be answered
// alike; at the end the rows of both are the same. The scripts of test/store compare calls that chance draws; here the
// application makes them.
import { isDeepStrictEqual } from 'node:util'
import { Unavailable } from '../../../src/errors.ts'
import type { PayoutStep, Store } from '../../../src/store/store.ts'
import { claimedRows, meanwhileOf } from '../../store/claimed.ts'
import { firstDifference } from '../../store/follow.ts'
import { modelRows } from '../../store/model-rows.ts'
import { byText, type Plain, plain, plainError, plainResult } from '../../store/plain.ts'
import type { RowReader } from '../../store/rows.ts'
import { ALONE, createModelStore } from '../model/model-store.ts'
import type { StoreFunction } from '../process/store-port.ts'

export interface Beside {
  /** Makes the call to the model. Null: it answers alike; else both answers. */
  follow(name: StoreFunction, args: readonly unknown[], answer: Answer): Promise<string | null>
  /** Null: these are the rows of the model; else the first that are not. */
  compare(reader: RowReader): Promise<string | null>
}

/** What Postgres gave, or threw. */
export type Answer = { readonly result: unknown } | { readonly error: unknown }

/** What the database draws by itself, and the number of a proposal, of which the database has those of its people, too. */
const DRAWN: Partial<Record<StoreFunction, readonly string[]>> = {
  claimDue: ['claim'],
  checkInstallation: ['position'],
  findIncarnation: ['installation', 'journalId'],
  findProposal: ['number'],
}
const NOT_COMPARED: ReadonlySet<StoreFunction> = new Set(['installationId', 'ready', 'auditorSigns'])

export function createBeside(clock: { now(): number }): Beside {
  const model = createModelStore({ clock })
  /** The model's number of a claim, by that of Postgres. */
  const claims = new Map<bigint, bigint>()

  async function follow(
    name: StoreFunction,
    args: readonly unknown[],
    answer: Answer,
  ): Promise<string | null> {
    // What the server may choose it has chosen by now. Functions of people are no claims.
    const call = { name: name as keyof Store, args }
    const given = 'result' in answer ? answer.result : refusalOf(answer.error)
    model.meanwhile(meanwhileOf(call, given, [], model.tables().dossiers, false))
    const run = model[name] as (...args: readonly unknown[]) => Promise<unknown>
    let said: unknown
    try {
      said = await run(...(name === 'advancePayouts' ? [spoken(args[0] as readonly PayoutStep[])] : args))
    } catch (error) {
      said = refusalOf(error)
    }
    model.meanwhile(ALONE)
    if (name === 'claimDue') learn(given, said)
    if (NOT_COMPARED.has(name)) return null
    const [own, other] = [compared(name, given), compared(name, said)]
    if (isDeepStrictEqual(own, other)) return null
    return `${name} is answered ${JSON.stringify(own)}, by the model ${JSON.stringify(other)}`
  }

  function spoken(batch: readonly PayoutStep[]): readonly PayoutStep[] {
    return batch.map(step => ({ ...step, claim: claims.get(step.claim ?? 0n) ?? step.claim }))
  }

  function learn(given: unknown, said: unknown): void {
    if (!Array.isArray(given) || !Array.isArray(said)) return
    for (const { payout, claim } of given as Awaited<ReturnType<Store['claimDue']>>) {
      const same = (said as Awaited<ReturnType<Store['claimDue']>>).find(
        other => other.payout.number === payout.number && other.payout.merchantId === payout.merchantId,
      )
      if (same !== undefined) claims.set(claim, same.claim)
    }
  }

  return {
    follow,
    async compare(reader) {
      const rows = await reader.rows(claim => `${claims.get(BigInt(claim)) ?? claim}`)
      return firstDifference(rows, modelRows(model.tables(), String))
    },
  }
}

function refusalOf(error: unknown): string {
  return error instanceof Unavailable ? 'unavailable' : plainError(error)
}

function compared(name: StoreFunction, result: unknown): Plain {
  const shown = plainResult(name as keyof Store, withoutDrawn(name, result))
  const isSet =
    typeof result !== 'string' && (claimedRows(name as keyof Store, result) !== null || SETS.has(name))
  return isSet && Array.isArray(shown) ? shown.toSorted(byText) : shown
}

/** Their order is nobody's promise. */
const SETS: ReadonlySet<StoreFunction> = new Set([
  ...(['trippedSwitches', 'withOpenSends', 'withLiveAttempts', 'sweptJournals', 'merchantBalances'] as const),
])

function withoutDrawn(name: StoreFunction, result: unknown): unknown {
  const drawn = DRAWN[name]
  if (drawn === undefined || typeof result !== 'object' || result === null) return result
  const without = (row: object) =>
    plain(Object.fromEntries(Object.entries(row).filter(([field]) => !drawn.includes(field))))
  return Array.isArray(result) ? result.map(without) : without(result)
}
