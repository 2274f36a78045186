// Follows on the model what Postgres answered. Calls of one group ran side by side there; what they answered must be what
// the model answers in one of their orders. Several orders may fit: each goes on as a candidate until a later answer, or
// the rows at the end, rule it out.
import { isDeepStrictEqual } from 'node:util'
import { ALONE, type ModelStore } from '../simulation/model/model-store.ts'
import { type Answer, answerOf } from './answers.ts'
import { ClaimNames, meanwhileOf } from './claimed.ts'
import { modelRows } from './model-rows.ts'
import type { Isolation } from './pair.ts'
import { NOT_SERIALIZED } from './plain.ts'
import type { Rows } from './rows.ts'
import type { Group } from './script.ts'

export interface Follower {
  /** Null: it fits. Otherwise what the model answers in each order. */
  follow(group: Group, given: readonly Answer[]): Promise<string | null>
  /** Null: these are the rows of a candidate. */
  compare(rows: Rows): string | null
  nameClaim(claim: bigint): bigint
}

type Tables = ReturnType<ModelStore['tables']>

interface Candidate {
  readonly tables: Tables
  readonly claims: ClaimNames
}

/** Orders that are kept. Those beyond are let go, and a mismatch might then be reported falsely. */
const CANDIDATES_MAX = 12

export function followOn(model: ModelStore, isolation: Isolation): Follower {
  const mayRetry = isolation === 'serializable'
  let candidates: readonly Candidate[] = [{ tables: model.tables(), claims: new ClaimNames() }]

  async function follow(group: Group, given: readonly Answer[]): Promise<string | null> {
    const seen: string[] = []
    const [only] = candidates
    if (only !== undefined && candidates.length === 1 && given.length === 1) {
      const wrong = await applied(model, only.claims, group, given, [0], mayRetry)
      // The tables as they go on: nobody writes to them but the next call.
      candidates = [{ tables: model.tables(), claims: only.claims }]
      return wrong
    }
    const fitting: Candidate[] = []
    for (const candidate of candidates)
      for (const order of ordersOf(given.length)) {
        model.restore(candidate)
        const claims = new ClaimNames(candidate.claims)
        const wrong = await applied(model, claims, group, given, order, mayRetry)
        if (wrong === null) fitting.push({ ...model.snapshot(), claims })
        else seen.push(`order ${order.map(place => place + 1).join()}: ${wrong}`)
      }
    candidates = distinct(fitting).slice(0, CANDIDATES_MAX)
    const [first] = candidates
    if (first === undefined) return seen.join('\n')
    model.restore(first)
    return null
  }

  function compare(rows: Rows): string | null {
    let difference: string | null = null
    for (const candidate of candidates) {
      difference = firstDifference(rows, rowsOf(candidate))
      if (difference === null) return null
    }
    return difference
  }

  return { follow, compare, nameClaim: claim => candidates[0]?.claims.nameOf(claim) ?? claim }
}

async function applied(
  model: ModelStore,
  claims: ClaimNames,
  group: Group,
  given: readonly Answer[],
  order: readonly number[],
  mayRetry: boolean,
): Promise<string | null> {
  for (const place of order) {
    const answer = given[place]
    // What Postgres gave up was not done.
    if (answer === undefined || answer.plain === NOT_SERIALIZED) continue
    const beside = given.filter(other => other !== answer)
    const { dossiers } = model.tables()
    model.meanwhile(meanwhileOf(answer.call, answer.result, beside, dossiers, mayRetry))
    const { plain } = await answerOf(model, claims, answer.call, group.id, place)
    model.meanwhile(ALONE)
    if (!isDeepStrictEqual(plain, answer.plain)) return `${answer.call.name}: ${JSON.stringify(plain)}`
  }
  return null
}

function ordersOf(count: number): readonly (readonly number[])[] {
  if (count <= 1) return [[0]]
  return ordersOf(count - 1).flatMap(order =>
    Array.from({ length: count }, (_, place) => [...order.slice(0, place), count - 1, ...order.slice(place)]),
  )
}

/** Orders that end in equal rows are one. */
function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length < 2) return candidates
  const byRows = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const rows = JSON.stringify(rowsOf(candidate))
    if (!byRows.has(rows)) byRows.set(rows, candidate)
  }
  return [...byRows.values()]
}

function rowsOf({ tables, claims }: Candidate): Rows {
  return modelRows(tables, claim => `${claims.nameOf(BigInt(claim))}`)
}

/** The rows of the first table that is not the same in both; null: all are. */
export function firstDifference(postgres: Rows, model: Rows): string | null {
  for (const table of new Set([...Object.keys(postgres), ...Object.keys(model)])) {
    if (isDeepStrictEqual(postgres[table], model[table])) continue
    const only = (one: Rows, other: Rows) =>
      (one[table] ?? []).filter(row => !(other[table] ?? []).some(found => isDeepStrictEqual(row, found)))
    return [
      `rows of ${table}`,
      ...only(postgres, model).map(row => `postgres: ${JSON.stringify(row)}`),
      ...only(model, postgres).map(row => `model:    ${JSON.stringify(row)}`),
    ].join('\n')
  }
  return null
}
