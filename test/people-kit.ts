// What tests of people begin with: persons with keys and authenticators, and payouts whose end nobody knows.
import { peopleDeskOf } from '../src/app.ts'
import { auditOnce } from '../src/auditor/auditor.ts'
import type { PersonActor } from '../src/desk/actor.ts'
import type { PeopleDesk } from '../src/desk/people.ts'
import { FACTS_AT_INTENT } from '../src/dispatch/facts.ts'
import { sha256 } from '../src/lib/digest.ts'
import { oneTimeCode } from '../src/lib/one-time-code.ts'
import { systemRandom } from '../src/lib/random.ts'
import { createSeal, type SealKey } from '../src/lib/seal.ts'
import type { Role } from '../src/payout/role.ts'
import type { SwitchKey } from '../src/payout/stop.ts'
import { declareCapabilities } from '../src/protocols/capabilities.ts'
import { type NewProposal, openPeopleStore, type PeopleStore } from '../src/store/people-store.ts'
import type { Store } from '../src/store/store.ts'
import { booked, changed, newPayout, opened, payoutStep, SEAL_KEY, type TestStore } from './store-kit.ts'

export interface TestPerson {
  readonly personId: string
  readonly keys: readonly string[]
  /** A code that this person has not used yet. */
  code(): string
  /** The code of some half minutes before now. */
  oldCode(stepsAgo: number): string
  actor(place?: number): PersonActor
}

export interface TestPeople {
  readonly people: PeopleStore
  readonly desk: PeopleDesk
  /** Without two people behind it: a test is its own host. */
  person(roles: readonly Role[], options?: { merchantId?: string | null; keys?: number }): Promise<TestPerson>
}

export function openTestPeople(
  db: Pick<TestStore, 'pool'>,
  live = false,
  key: SealKey = SEAL_KEY,
): TestPeople {
  const people = openPeopleStore({ pool: db.pool, seal: createSeal([key]) })
  return {
    people,
    desk: peopleDeskOf(people),
    person: (roles, options) => makePerson(db, people, roles, { live, ...options }),
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

async function makePerson(
  db: Pick<TestStore, 'pool'>,
  people: PeopleStore,
  roles: readonly Role[],
  options: { merchantId?: string | null; keys?: number; live: boolean },
): Promise<TestPerson> {
  const { merchantId = null, keys: count = 1, live } = options
  const personId = `pe_${systemRandom.text(LETTERS, 12)}`
  const factor = systemRandom.bytes(20)
  const keys = Array.from({ length: count }, () => {
    return `qp_${live ? 'live' : 'test'}_${systemRandom.text(LETTERS, 12)}_${systemRandom.text(LETTERS, 40)}`
  })
  const idOf = (key: string) => key.slice(0, key.lastIndexOf('_'))
  const proposal: NewProposal = {
    ...{
      proposalId: `pr_${systemRandom.text(LETTERS, 16)}`,
      kind: 'person',
      merchantId: null,
      subject: personId,
    },
    ...{ payoutNumber: null, attemptNo: null, content: { name: 'A person of the tests' } },
    ...{
      confirmedByRole: 'admin',
      proposedBy: 'host:test',
      credential: 'host:test',
      expiresInMs: 60_000,
      evidence: [],
    },
  }
  const grants = roles.map(role => ({ merchantId, role }))
  await people.addPerson({
    ...{ personId, name: 'A person of the tests', factor, grants, proposal },
    keys: keys.map(key => ({ keyId: idOf(key), live, hash: sha256(key) })),
  })
  // The rule of the two is tested elsewhere; here a crowd is needed.
  await db.pool.query('alter table person disable trigger person_is_let_in_later')
  await db.pool.query('update person set active = true where person_id = $1', [personId])
  await db.pool.query('alter table person enable trigger person_is_let_in_later')
  const used = new Set<number>()
  const person = { personId, name: 'A person of the tests', grants, active: true }
  return {
    personId,
    keys,
    // Three steps are taken at any time, so three codes can follow each other without a wait.
    code() {
      const now = Math.floor(Date.now() / 30_000)
      const step = [now, now + 1, now - 1].find(one => !used.has(one))
      if (step === undefined) throw new Error('this person has used up its codes: take another person')
      used.add(step)
      return oneTimeCode(factor, step)
    },
    oldCode: stepsAgo => oneTimeCode(factor, Math.floor(Date.now() / 30_000) - stepsAgo),
    actor: (place = 0) => ({ kind: 'person', person, credential: idOf(keys[place] ?? '') }),
  }
}

/** Releases a tripped switch, by two persons who are made for it; what became of it. */
export async function releaseByTwo(
  db: Pick<TestStore, 'pool'>,
  key: SwitchKey,
  because = 'a test',
): Promise<string> {
  const kit = openTestPeople(db)
  const [one, two] = [await kit.person(['operator']), await kit.person(['approver'])]
  const asked = await kit.desk.proposeSwitchRelease(one.actor(), { ...key, because })
  return asked.kind === 'refused' ? asked.code : confirmed(kit, asked.proposal.proposalId, two)
}

/** The same of a provider account in safe mode. */
export async function releaseAccountByTwo(
  db: Pick<TestStore, 'pool'>,
  providerAccountId: string,
): Promise<string> {
  const kit = openTestPeople(db)
  const [one, two] = [await kit.person(['operator']), await kit.person(['approver'])]
  const asked = await kit.desk.proposeSafeModeRelease(one.actor(), { providerAccountId, because: 'a test' })
  return asked.kind === 'refused' ? asked.code : confirmed(kit, asked.proposal.proposalId, two)
}

/** The state of the proposal after this person's word, or the code of the refusal. */
export async function confirmed({ desk }: TestPeople, id: string, by: TestPerson): Promise<string> {
  const answer = await desk.confirm(by.actor(), id, by.code())
  return answer.kind === 'refused' ? answer.code : answer.proposal.state
}

/** The auditor passes over everything once, as `quittance auditor --once` does. */
export async function auditWhole({ url }: Pick<TestStore, 'url'>): Promise<number> {
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  return (await auditOnce({ url, own: false, log, found: () => {} })).breaches
}

/** Terms under which an attempt may be called dead at once, and the pessimistic ones. */
export const QUICK_TERMS = terms(0, 0)
export const SLOW_TERMS = terms(7 * 24 * 3_600_000, 24 * 3_600_000)

function terms(maxProcessingMs: number, queryLagMs: number) {
  const capabilities = declareCapabilities({
    reference: { alphabet: '0123456789abcdef', length: 64 },
    ...{ maxProcessingMs, queryLagMs },
  })
  return { capabilities, endpoint: 'http://127.0.0.1:1' }
}

/** A payout of 10.00 BDT in doubt, its answer lost. Its last possible byte is as old as the attempt. */
export async function payoutInDoubt(
  store: Store,
  number: bigint,
  options: { terms?: unknown; door?: string; doorCredentialId?: string; merchantId?: string } = {},
): Promise<void> {
  const { terms: contract = SLOW_TERMS, door = 'paypro', doorCredentialId = '1000000001' } = options
  await store.acceptPayouts([newPayout(number, { door, doorCredentialId })])
  const due = (await store.claimDue({ limit: 1_000, leaseMs: 0 })).find(one => one.payout.number === number)
  if (due === undefined) throw new Error(`payout ${number} is not due`)
  const intent = payoutStep(due.payout, {
    ...{ to: 'sending', claim: due.claim, queue: { kind: 'drop' } },
    attempt: { ...opened(1, number), contract },
    ...booked('dispatch'),
  })
  const doubt = payoutStep(
    { number, version: 2 },
    {
      ...{ to: 'in_doubt', why: 'the answer was lost' },
      attempt: changed(1, {
        ...{ state: 'in_doubt', doubt: 'timeout', revision: 0 },
        facts: { ...FACTS_AT_INTENT, lastPossibleByteAfterMs: 0 },
      }),
    },
  )
  for (const step of [intent, doubt]) {
    const [verdict] = await store.advancePayouts([step])
    if (verdict?.kind !== 'done') throw new Error('a step was stale')
  }
}

export const PDF = Buffer.from('%PDF-1.4 a marked letter of the provider: Zainab Evidencename')

export function pdfGiven() {
  return {
    kind: 'answer',
    name: 'letter.pdf',
    media_type: 'application/pdf',
    data: PDF.toString('base64'),
  } as const
}
