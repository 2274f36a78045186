// The points between a process and its database. A statement of the store is one whole transaction by itself; where a
// point lies inside it, it is run between a BEGIN and a COMMIT of our own, which means the same to the database and
// gives the four places at which a sender of statements can die: open, written, COMMIT sent, COMMIT answered.
import type pg from 'pg'
import type { PointName } from './points.ts'

interface Places {
  /** Before anything of the transaction is sent. */
  readonly before?: PointName
  readonly open?: PointName
  readonly written?: PointName
  /** Where nothing stands before it, every second passing loses the COMMIT on its way: nobody knows from outside. */
  readonly sent?: PointName
  readonly answered?: PointName
  /** One turn of the event loop after the answer. */
  readonly after?: PointName
}

const STATEMENTS: Readonly<Record<string, Places>> = {
  intake: { before: 'K2', open: 'K3', written: 'K4', sent: 'K5', answered: 'K6' },
  claim: { sent: 'K9', answered: 'K10', after: 'K11' },
  intent: { before: 'K12', written: 'K13', sent: 'K14', answered: 'K15' },
  outcome: { before: 'K23', written: 'K24', sent: 'K25', answered: 'K26' },
  'inquiry claimed': { answered: 'K27' },
  inquiry: { sent: 'K30', answered: 'K31' },
  callback: { sent: 'K33' },
  'notice claimed': { answered: 'K35' },
  notice: { answered: 'K38' },
  decision: { answered: 'K39' },
  receipts: { sent: 'K40', answered: 'K40' },
}

/** Wraps the driver's one method through which every statement goes. `driver` is the one that the program loads. */
export function wrapStatements(driver: typeof pg, pass: (point: PointName) => void, at: PointName): void {
  let times = 0
  const isOdd = (): boolean => {
    times += 1
    return times % 2 === 1
  }
  const { query } = driver.Client.prototype
  // The driver's method has many shapes; those that are not a named statement go through as they came.
  const wrapped = function (this: pg.Client, ...given: unknown[]): unknown {
    const run = (...what: unknown[]): unknown => Reflect.apply(query, this, what)
    const places = placesOf(given[0])
    if (places === null || !Object.values(places).includes(at)) return run(...given)
    return whole(run, given, places, { pass, isOdd })
  }
  driver.Client.prototype.query = wrapped as typeof query
}

async function whole(
  run: (...what: unknown[]) => unknown,
  given: readonly unknown[],
  places: Places,
  { pass, isOdd }: { readonly pass: (point: PointName) => void; readonly isOdd: () => boolean },
): Promise<unknown> {
  const passed = (point: PointName | undefined): void => {
    if (point !== undefined) pass(point)
  }
  passed(places.before)
  await run('begin')
  passed(places.open)
  try {
    // A statement of the store gives a promise of its rows.
    const result = (await run(...given)) as pg.QueryResult
    // A claim that finds nothing is no claim: nothing would be lost with it.
    const isEmpty = result.rowCount === 0
    const isLost = places.written === undefined && !isEmpty && isOdd()
    if (!isEmpty) passed(isLost ? places.sent : places.written)
    const committing = run('commit')
    if (!isEmpty && !isLost) passed(places.sent)
    await committing
    if (!isEmpty) {
      passed(places.answered)
      setImmediate(() => passed(places.after))
    }
    return result
  } catch (error) {
    await Promise.resolve(run('rollback')).catch(() => {})
    throw error
  }
}

function placesOf(statement: unknown): Places | null {
  if (typeof statement !== 'object' || statement === null || !('name' in statement)) return null
  const { name } = statement
  const first = 'values' in statement && Array.isArray(statement.values) ? `${statement.values[0]}` : ''
  const kind = kindOf(`${name}`, first)
  return kind === null ? null : (STATEMENTS[kind] ?? null)
}

function kindOf(name: string, first: string): string | null {
  switch (name) {
    case 'accept_payouts':
      return 'intake'
    case 'claim_due':
      return 'claim'
    case 'claim_attempts':
      return 'inquiry claimed'
    case 'record_callbacks':
      return 'callback'
    case 'claim_notices':
      return 'notice claimed'
    case 'record_notices':
      return 'notice'
    case 'confirm_proposal':
      return 'decision'
    case 'append_receipts':
      return 'receipts'
    case 'advance_payouts':
      return stepKind(first)
    default:
      return null
  }
}

/** A batch of steps counts as the first of these that it holds. */
function stepKind(batch: string): string | null {
  if (batch.includes('"attempt_change":"opened"')) return 'intent'
  if (batch.includes('"kind":"send"')) return 'outcome'
  return batch.includes('"kind":"inquiry"') ? 'inquiry' : null
}
