// One pass: everything that is judged, over one snapshot, in bounded pages. A whole pass counts the sums anew; a pass over
// what changed carries them on by what the snapshot before could not see.
import type { Breach } from './breach.ts'
import { judgePayout } from './payout.ts'
import {
  type Key,
  keyPages,
  liveSums,
  openKeys,
  type Part,
  payoutFacts,
  postingSums,
  readBalances,
  type Stray,
  strayFundings,
  strayPostings,
} from './read.ts'
import type { Session } from './session.ts'
import { addLine, dropMerchant, emptySums, judgeSums, type Sums } from './sums.ts'

/** What a pass leaves for the next one: what it saw, and what it counted. */
export interface Seen {
  readonly snapshot: string
  readonly sums: Sums
  /** Where the turn through the payouts with work under way has come to. */
  readonly openAfter: Key
}

export interface PassResult {
  readonly seen: Seen
  readonly payouts: number
  readonly breaches: number
}

/** Takes the breaches of one page, before the next is read: nothing is gathered that grows with what is wrong. */
export type Report = (breaches: readonly Breach[], snapshot: string) => Promise<void>

const PAGE = 500
const OPEN_MAX = 5_000
/** Merchants whose sums are counted anew in one pass over changes; the others are still suspect in the next one. */
const RECOUNTS_MAX = 20
const FIRST: Key = { merchantId: '', number: '0' }

export function wholePass(session: Session, report: Report): Promise<PassResult> {
  return session.inSnapshot(async snapshot => {
    const told = counted(report, snapshot)
    const sums = emptySums()
    await count(session, sums, { of: 'all' })
    await told.report(judgeSums(await readBalances(session.read), sums))
    await told.report([
      ...(await strayPostings(session.read, null)).map(strayBreach),
      ...(await strayFundings(session.read)).map(strayBreach),
    ])
    let payouts = 0
    for await (const keys of keyPages(session.read, null, PAGE))
      payouts += await judge(session, keys, told.report)
    return { seen: { snapshot, sums, openAfter: FIRST }, payouts, breaches: told.count() }
  })
}

export function changedPass(session: Session, before: Seen, report: Report): Promise<PassResult> {
  return session.inSnapshot(async snapshot => {
    const told = counted(report, snapshot)
    const since = { snapshot: before.snapshot }
    const sums: Sums = { postings: new Map(before.sums.postings), live: new Map(before.sums.live) }
    await count(session, sums, { of: 'new', ...since })
    await told.report(await confirmed(session, sums))
    await told.report((await strayPostings(session.read, since)).map(strayBreach))
    let payouts = 0
    for await (const keys of keyPages(session.read, since, PAGE))
      payouts += await judge(session, keys, told.report)
    const open = await openKeys(session.read, before.openAfter, OPEN_MAX)
    for (let from = 0; from < open.length; from += PAGE)
      payouts += await judge(session, open.slice(from, from + PAGE), told.report)
    const openAfter = open.length < OPEN_MAX ? FIRST : (open.at(-1) ?? FIRST)
    return { seen: { snapshot, sums, openAfter }, payouts, breaches: told.count() }
  })
}

/**
 * A sum that was carried on and does not fit is only a suspicion: the number of a transaction says nothing where rows
 * came from another server, as after a restore. The merchant is counted anew, in the same snapshot, and that decides.
 */
async function confirmed(session: Session, sums: Sums): Promise<readonly Breach[]> {
  const balances = await readBalances(session.read)
  const suspects = new Set(judgeSums(balances, sums).map(({ merchantId }) => merchantId))
  const breaches: Breach[] = []
  for (const id of [...suspects].slice(0, RECOUNTS_MAX)) {
    dropMerchant(sums, id)
    await count(session, sums, { of: 'merchant', id })
    const own = { postings: of(sums.postings, id), live: of(sums.live, id) }
    breaches.push(
      ...judgeSums(
        balances.filter(({ merchantId }) => merchantId === id),
        own,
      ),
    )
  }
  return breaches
}

function of(sums: ReadonlyMap<string, bigint>, merchantId: string): Map<string, bigint> {
  return new Map([...sums].filter(([key]) => key.startsWith(`${merchantId} `)))
}

async function count(session: Session, sums: Sums, part: Part): Promise<void> {
  for (const line of await postingSums(session.read, part)) addLine(sums.postings, line)
  for (const line of await liveSums(session.read, part)) addLine(sums.live, line)
}

async function judge(
  session: Session,
  keys: readonly Key[],
  report: (b: readonly Breach[]) => Promise<void>,
) {
  const facts = await payoutFacts(session.read, keys)
  await report(facts.flatMap(judgePayout))
  return facts.length
}

function strayBreach({ merchantId, number, detail }: Stray): Breach {
  return { invariant: 'I5', merchantId, subject: `posting ${number} of ${merchantId}`, detail }
}

function counted(report: Report, snapshot: string) {
  let count = 0
  return {
    count: () => count,
    async report(breaches: readonly Breach[]): Promise<void> {
      count += breaches.length
      if (breaches.length > 0) await report(breaches, snapshot)
    },
  }
}
