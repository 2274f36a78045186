// What the database keeps by itself of what two people decide (SAFETY.md sections 4 and 11): each rule is broken by hand,
// by somebody who writes SQL and asks nobody, and refused.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  openTestPeople,
  PDF,
  payoutInDoubt,
  QUICK_TERMS,
  type TestPeople,
  type TestPerson,
} from '../../test/people-kit.ts'
import { MERCHANT, openTestStore, type TestStore } from '../../test/store-kit.ts'
import { systemClock } from '../lib/clock.ts'
import { sha256 } from '../lib/digest.ts'
import { oneTimeCode } from '../lib/one-time-code.ts'
import { systemRandom } from '../lib/random.ts'
import type { NewProposal } from './people-store.ts'

// Many people and many rounds, on a machine that has other things to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let db: TestStore
let people: TestPeople
let operator: TestPerson
let approver: TestPerson
let both: TestPerson

beforeAll(async () => {
  db = await openTestStore(1_000_000n)
  people = openTestPeople(db)
  operator = await people.person(['operator'])
  approver = await people.person(['approver'])
  both = await people.person(['operator', 'approver'])
})
afterAll(() => db.close())

let last = 0n
/** An open decision of `dead` about a payout of its own, proposed as it is given. */
async function proposal(
  change: Partial<NewProposal> & { verdict?: string; quick?: boolean; door?: string } = {},
) {
  last += 1n
  const { verdict = 'dead', quick = true, door, ...more } = change
  await payoutInDoubt(db.store, last, {
    ...(quick ? { terms: QUICK_TERMS } : {}),
    ...(door === undefined ? {} : { door: 'api', doorCredentialId: door }),
  })
  const proposalId = `pr_${systemRandom.text('abcdefghij', 16)}`
  const proof = verdict === 'dead' ? 'by_people' : null
  await people.people.propose({
    ...{
      proposalId,
      kind: 'decision',
      merchantId: MERCHANT,
      subject: `po_${last}`,
      payoutNumber: last,
      attemptNo: 1,
    },
    ...{ confirmedByRole: 'approver', proposedBy: operator.personId, credential: 'k', expiresInMs: 60_000 },
    content: { verdict, proof, version: 3, revision: 1, evidence: [] },
    evidence: [{ kind: 'answer', name: 'a', mediaType: 'application/pdf', bytes: PDF, covers: null }],
    ...more,
  })
  return { id: proposalId, number: last }
}

let codes = 0
/** As somebody would who forgets nothing: with a code that was used. */
function agreement(id: string, by: string): string {
  codes += 1
  return `with code as (insert into one_time_code (person_id, step) values ('${by}', ${codes}) returning step)
    insert into agreement (proposal_id, confirmed_by, credential, code_step) select '${id}', '${by}', 'k', step from code`
}

const refuses = (sql: string, constraint: string) =>
  expect(db.pool.query(sql)).rejects.toMatchObject({ constraint })

const proofOf = (kind: string, number: bigint, premises: object) =>
  `insert into proof (merchant_id, payout_number, attempt_no, kind, premises)
    values ('${MERCHANT}', ${number}, 1, '${kind}', '${JSON.stringify(premises)}')`

test.each(['by_people', 'by_statement'])(
  'a proof %s without an agreement, or with that of another payout, is refused',
  async kind => {
    const { id, number } = await proposal()
    await refuses(proofOf(kind, number, {}), 'proof_by_people_names_its_agreement')
    await refuses(proofOf(kind, number, { proposal: id }), 'proof_by_people_is_agreed')
    const other = await proposal()
    await db.pool.query(agreement(other.id, approver.personId))
    await refuses(proofOf(kind, number, { proposal: other.id }), 'proof_by_people_is_agreed')
  },
)

test('two different persons agree, and the second one has the role and is let in', async () => {
  const own = await proposal({ proposedBy: both.personId })
  await refuses(agreement(own.id, both.personId), 'agreement_is_of_two')
  const { id } = await proposal()
  await refuses(agreement(id, operator.personId), 'agreement_needs_the_role')
  const elsewhere = await people.person(['approver'], { merchantId: 'm_else' })
  await refuses(agreement(id, elsewhere.personId), 'agreement_needs_the_role')
  const gone = await people.person(['approver'])
  await people.people.stopPerson(gone.personId, 'host:test')
  await refuses(agreement(id, gone.personId), 'agreement_is_of_people_let_in')
  await refuses(agreement(id, 'pe_nobodynobod'), 'agreement_is_of_people_let_in')
  const byHost = await proposal({ proposedBy: 'host:root', credential: 'host:root' })
  await refuses(
    `insert into agreement (proposal_id, confirmed_by, credential, code_step) values ('${byHost.id}', 'host:root', 'k', 1)`,
    'agreement_is_of_people_let_in',
  )
})

test('the maker of a payout is no part of an agreement about it, by whichever key', async () => {
  const owner = { ...{ merchantId: MERCHANT, live: false, hash: sha256('x'), scopes: [], active: true } }
  await db.store.putApiKey({ ...owner, keyId: 'qk_test_a', owner: both.personId })
  const made = await proposal({ door: 'qk_test_a' })
  await refuses(agreement(made.id, both.personId), 'agreement_is_not_its_makers')
  const proposed = await proposal({ door: 'qk_test_a', proposedBy: both.personId })
  await refuses(agreement(proposed.id, approver.personId), 'agreement_is_not_its_makers')
  // What is claimed of the maker does not count.
  await refuses(
    `with code as (insert into one_time_code values ('${both.personId}', 99) returning step)
      insert into agreement (proposal_id, confirmed_by, credential, code_step, maker, proposed_by)
      select '${made.id}', '${both.personId}', 'k', step, 'pe_000000000000', '${operator.personId}' from code`,
    'agreement_is_not_its_makers',
  )
})

test('what was agreed about one version of a payout is never done to another', async () => {
  const { id, number } = await proposal({ verdict: 'paid' })
  const found = await db.store.findForStep(MERCHANT, number)
  const now = found?.payout.version ?? 0
  const effect = (version: number) => {
    const step = { merchant_id: MERCHANT, payout_number: Number(number), version, attempt_revision: 1 }
    return db.pool.query('select effect_decision(p, $1) from proposal p where p.proposal_id = $2', [
      JSON.stringify({ steps: [step] }),
      id,
    ])
  }
  // It was agreed about version 3, and so it is done to that.
  expect(now).toBe(3)
  await effect(3)
  await db.pool.query('update payout set state = state, version = version + 1 where payout_number = $1', [
    number,
  ])
  await expect(effect(4)).rejects.toMatchObject({ code: 'QT001', message: 'moved_on' })
})

test('what was agreed before something new was known of the attempt is not done; what was only repeated changes nothing', async () => {
  const { id, number } = await proposal({ verdict: 'paid' })
  const heard = (said: string) =>
    db.pool.query(
      `update attempt set revision = revision + 1,
        facts = coalesce(facts, '{}') || jsonb_build_object('observations', jsonb_build_array(jsonb_build_object('said', $2::text)))
        where payout_number = $1 returning revision`,
      [number, said],
    )
  const isCurrent = async () => {
    const { rows } = await db.pool.query(
      'select decision_is_current(p) as current from proposal p where p.proposal_id = $1',
      [id],
    )
    return rows[0]?.current
  }
  await db.pool.query('update attempt set revision = revision + 1 where payout_number = $1', [number])
  expect(await isCurrent()).toBe(true)
  const { rows } = await heard('accepted')
  expect(await isCurrent()).toBe(false)
  const revision = rows[0]?.revision
  const step = {
    merchant_id: MERCHANT,
    payout_number: Number(number),
    version: 3,
    attempt_revision: revision,
  }
  await expect(
    db.pool.query('select effect_decision(p, $1) from proposal p where p.proposal_id = $2', [
      JSON.stringify({ steps: [step] }),
      id,
    ]),
  ).rejects.toMatchObject({ code: 'QT001', message: 'moved_on' })
})

test('an agreement rests on evidence, a used code, an open proposal, and comes not too early', async () => {
  const bare = await proposal({ evidence: [] })
  await refuses(agreement(bare.id, approver.personId), 'agreement_rests_on_evidence')
  const paid = await proposal({ evidence: [], verdict: 'paid' })
  await refuses(agreement(paid.id, approver.personId), 'agreement_rests_on_evidence')
  const statement = { verdict: 'dead', proof: 'by_statement', version: 3, revision: 1 }
  const noStatement = await proposal({ content: statement })
  await refuses(agreement(noStatement.id, approver.personId), 'agreement_needs_the_statement')
  const early = await proposal({ quick: false })
  await refuses(agreement(early.id, approver.personId), 'agreement_is_not_too_early')

  const { id } = await proposal()
  await refuses(
    `insert into agreement (proposal_id, confirmed_by, credential, code_step) values ('${id}', '${approver.personId}', 'k', 4711)`,
    'agreement_confirmed_by_code_step_fkey',
  )
  await db.pool.query(agreement(id, approver.personId))
  const next = await proposal()
  await refuses(
    `insert into agreement (proposal_id, confirmed_by, credential, code_step) values ('${next.id}', '${approver.personId}', 'k', ${codes})`,
    'agreement_confirmed_by_code_step_key',
  )
  await people.people.endProposal({
    ...{ proposalId: next.id, to: 'rejected', by: approver.personId, credential: 'k', why: 'no' },
  })
  await refuses(agreement(next.id, approver.personId), 'agreement_is_on_an_open_proposal')
})

test('a correction is posted as two people agreed on it, and never otherwise', async () => {
  const posting = (
    minor: number,
  ) => `insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor)
    values ('${MERCHANT}', ${last}, 3, 1, 'correction', 'available', 'fees', 'BDT', ${minor})`
  const content = { debit: 'available', credit: 'fees', currency: 'BDT', minor: '5' }
  const { id } = await proposal({ kind: 'correction', content })
  await refuses(posting(5), 'posting_correction_is_agreed')
  const correction = (minor: number, debit = 'available') => `insert into correction
    values ('${id}', '${MERCHANT}', ${last}, 3, 1, '${debit}', 'fees', 'BDT', ${minor})`
  await refuses(correction(5), 'correction_proposal_id_fkey')
  await db.pool.query(agreement(id, approver.personId))
  await refuses(correction(6), 'correction_is_as_agreed')
  const live = await proposal({ kind: 'correction', content: { ...content, debit: 'held' } })
  await db.pool.query(agreement(live.id, approver.personId))
  await refuses(
    `insert into correction values ('${live.id}', '${MERCHANT}', ${last}, 3, 1, 'held', 'fees', 'BDT', 5)`,
    'correction_leaves_live_money',
  )
})

test('a third person is let in by two, once, and gets no more rights or keys afterwards', async () => {
  const add = `insert into person (person_id, name, factor, active) values ('pe_aaaaaaaaaaaa', 'x', 'x'`
  await refuses(`${add}, true)`, 'person_is_let_in_by_two')
  await db.pool.query(`${add}, false)`)
  await refuses(
    `update person set active = true where person_id = 'pe_aaaaaaaaaaaa'`,
    'person_is_let_in_by_two',
  )
  await refuses(
    `insert into person_role values ('${operator.personId}', '*', 'approver')`,
    'person_is_complete',
  )
  await refuses(
    `update person_role set role = 'approver' where person_id = '${operator.personId}'`,
    'person_is_complete',
  )
  await refuses(
    `insert into person_key values ('qp_test_more', '${approver.personId}', false, '\\x${'00'.repeat(32)}')`,
    'person_is_complete',
  )
  await people.people.stopPerson('pe_aaaaaaaaaaaa', 'host:test')
  await refuses(
    `update person set active = true where person_id = 'pe_aaaaaaaaaaaa'`,
    'person_is_let_in_by_two',
  )
})

test.each([
  ['refuse_change', `update proposal set content = '{}'`],
  ['refuse_change', `update proposal set proposed_by = 'host:else'`],
  ['refuse_change', 'delete from proposal'],
  ['refuse_change', 'update evidence set sealed = $$x$$'],
  ['refuse_change', 'delete from evidence'],
  ['refuse_change', 'update agreement set confirmed_by = proposed_by'],
  ['refuse_change', 'delete from agreement'],
  ['refuse_change', 'delete from correction'],
  ['refuse_change', 'delete from one_time_code'],
  ['refuse_change', 'update act set who = $$x$$'],
  ['refuse_change', 'delete from act'],
  ['refuse_change', 'update person set factor = $$x$$'],
  ['refuse_change', 'update person_key set hash = hash'],
  ['refuse_change', 'delete from person'],
])('what people did stays as it was: %s: %s', async (constraint, sql) => {
  await proposal()
  await refuses(sql, constraint)
})

test('a proposal ends once, and lasts no longer than a day', async () => {
  const { id } = await proposal()
  const end = { ...{ proposalId: id, by: operator.personId, credential: 'k', why: 'no' } }
  expect(await people.people.endProposal({ ...end, to: 'rejected' })).toBe('rejected')
  expect(await people.people.endProposal({ ...end, to: 'void' })).toBe('rejected')
  await refuses(
    `update proposal set state = 'open', ended_at = null where proposal_id = '${id}'`,
    'proposal_ends_once',
  )
  await expect(proposal({ expiresInMs: 25 * 3_600_000 })).rejects.toMatchObject({
    constraint: 'proposal_lasts_a_day',
  })
})

test('the host lets in two persons and no third: that one waits for a confirmation, and works after it', async () => {
  const own = await openTestStore(0n)
  try {
    const { people: store, desk } = openTestPeople(own)
    const host = { kind: 'host', user: 'root' } as const
    const given = (name: string, role: 'admin' | 'approver') =>
      ({ name, grants: [{ merchantId: null, role }], live: false }) as const
    const [first, second] = [
      await desk.addPerson(host, given('Ada', 'admin')),
      await desk.addPerson(host, given('Bo', 'admin')),
    ]
    expect([first.said, second.said]).toEqual(['let_in', 'let_in'])
    expect(first.authenticatorUri).toMatch(/^otpauth:\/\/totp\/Quittance%3AAda\?secret=[A-Z2-7]{32}&/)
    const third = await desk.addPerson(host, given('Cy', 'approver'))
    expect(third.said).toBe('proposed')
    expect(await desk.authenticate(first.key, false)).toMatchObject({ person: { name: 'Ada' } })
    expect(await desk.authenticate(first.key, true)).toBeNull()
    expect(await desk.authenticate(third.key, false)).toBeNull()
    const ada = await desk.authenticate(first.key, false)
    if (ada === null || third.proposalId === null) throw new Error('she is there')
    const code = await codeOf(store, first.personId)
    expect((await desk.confirm(ada, third.proposalId, code)).kind).toBe('found')
    expect(await desk.authenticate(third.key, false)).toMatchObject({ person: { name: 'Cy', active: true } })
    // Neither key nor seed lies there in clear.
    const { rows } = await own.pool.query(
      'select row_to_json(p)::text as person, row_to_json(k)::text as key from person p join person_key k using (person_id)',
    )
    for (const row of rows) expect(row.person + row.key).not.toContain(first.key.slice(-43))
    expect(rows[0].person).toContain('q1.test.')
  } finally {
    await own.close()
  }
})

async function codeOf(store: TestPeople['people'], personId: string): Promise<string> {
  const factor = await store.findFactor(personId)
  if (factor === null) throw new Error('a person has a factor')
  return oneTimeCode(factor, Math.floor(systemClock.now() / 30_000))
}
