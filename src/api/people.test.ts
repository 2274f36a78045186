// People over HTTP: what they see, what they may, and what stands between one person and the money.
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  openTestPeople,
  PDF,
  payoutInDoubt,
  pdfGiven,
  QUICK_TERMS,
  type TestPeople,
  type TestPerson,
} from '../../test/people-kit.ts'
import {
  booked,
  changed,
  MERCHANT,
  openTestStore,
  payoutStep,
  purse,
  type TestStore,
} from '../../test/store-kit.ts'
import { FACTS_AT_INTENT } from '../dispatch/facts.ts'
import { createServer } from '../http/server.ts'
import { auditBooks } from '../ledger/audit.ts'
import { systemClock } from '../lib/clock.ts'
import { sha256, sha256Hex } from '../lib/digest.ts'
import { createLog } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import { PAYOUT_STATES } from '../payout/payout.ts'
import { mountApi } from './api.ts'
import type { ApiNeeds } from './needs.ts'
import { doubtsShown, proposalShown, proposedShown } from './schema-people.ts'

// Many people and many rounds, on a machine that has other things to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let db: TestStore
let people: TestPeople
let server: FastifyInstance
let operator: TestPerson
let approver: TestPerson
const lines: string[] = []

beforeAll(async () => {
  db = await openTestStore(100_000_000n)
  people = openTestPeople(db)
  operator = await people.person(['operator'])
  approver = await people.person(['approver'])
  const log = createLog({ level: 'trace', destination: { write: (line: string) => lines.push(line) } })
  server = createServer({ log, clock: systemClock, random: systemRandom })
  // Payouts have tests of their own: nobody here asks for one.
  const nobody = {} as ApiNeeds['desk']
  const directory: ApiNeeds['directory'] = { apiKey: () => null, credential: () => null }
  mountApi(server, {
    ...{ desk: nobody, directory, people: people.desk, clock: systemClock, log, livemode: false },
  })
  await server.ready()
})
afterAll(async () => {
  expect(auditBooks(await db.store.readBooks(MERCHANT))).toEqual([])
  await server.close()
  await db.close()
})

let last = 0n
/** A payout in doubt, by its number; `quick`: it may be called dead at once. */
async function doubtful(options: { quick?: boolean; door?: string; doorCredentialId?: string } = {}) {
  last += 1n
  const { quick = false, ...more } = options
  await payoutInDoubt(db.store, last, { ...(quick ? { terms: QUICK_TERMS } : {}), ...more })
  return last
}

function keyOf(by: TestPerson | string): string {
  return typeof by === 'string' ? by : (by.keys[0] ?? '')
}

function get(path: string, by: TestPerson | string): Promise<LightMyRequestResponse> {
  return server.inject({ url: `/v1${path}`, headers: { authorization: `Bearer ${keyOf(by)}` } })
}

function propose(number: bigint, content: object, by: TestPerson | string = operator) {
  return server.inject({
    method: 'POST',
    url: `/v1/payouts/${number}/decisions`,
    headers: { authorization: `Bearer ${keyOf(by)}`, 'content-type': 'application/json' },
    payload: JSON.stringify({ because: 'the provider wrote', evidence: [pdfGiven()], ...content }),
  })
}

async function proposed(
  number: bigint,
  content: object,
  by: TestPerson | string = operator,
): Promise<string> {
  const answer = await propose(number, content, by)
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json().id
}

function confirm(id: string, by: TestPerson | string, code: string | null): Promise<LightMyRequestResponse> {
  return server.inject({
    method: 'POST',
    url: `/v1/decisions/${id}/confirm`,
    headers: {
      authorization: `Bearer ${keyOf(by)}`,
      ...(code === null ? {} : { 'quittance-one-time-code': code }),
    },
  })
}

async function stateOf(number: bigint) {
  return (await db.store.findPayout(MERCHANT, { by: 'number', number }))?.state
}

async function settleByItself(number: bigint): Promise<void> {
  const [verdict] = await db.store.advancePayouts([
    payoutStep(
      { number, version: 3 },
      { to: 'paid', attempt: changed(1, { state: 'paid', theirId: `T${number}` }), ...booked('settle') },
    ),
  ])
  expect(verdict?.kind).toBe('done')
}

test('what is in doubt is listed with its age, its money, what is known and when it may be decided', async () => {
  const number = await doubtful()
  const answer = await get('/doubts?limit=100', operator)
  expect(answer.statusCode).toBe(200)
  const page = doubtsShown.parse(answer.json())
  const doubt = page.data.find(one => one.reference === `ref-${number}`)
  expect(doubt).toMatchObject({
    ...{ kind: 'in_doubt', merchant: MERCHANT, amount: '10.00', currency: 'BDT', state: 'in_doubt' },
    ...{ version: 3, decidable: true, dead_may_be_decided: false, open_proposals: [], observations: [] },
    attempt: { number: 1, state: 'in_doubt', revision: 1, doubt: 'timeout' },
  })
  expect(Date.parse(doubt?.dead_opens_at ?? '')).toBeGreaterThan(systemClock.now() + 7 * 24 * 3_600_000)
  expect(page.totals).toEqual([
    { currency: 'BDT', count: page.data.length, amount: `${page.data.length * 10}.00` },
  ])
  const id = await proposed(number, { verdict: 'paid' })
  const after = doubtsShown.parse((await get('/doubts', operator)).json())
  expect(after.data.find(one => one.reference === `ref-${number}`)?.open_proposals).toEqual([id])
})

test('the queue goes by pages, and its totals are of the whole', async () => {
  for (let more = 0; more < 3; more += 1) await doubtful()
  const seen: string[] = []
  let cursor: string | null = ''
  for (let pages = 0; cursor !== null && pages < 50; pages += 1) {
    const query: string = cursor === '' ? '?limit=2' : `?limit=2&cursor=${cursor}`
    const page = doubtsShown.parse((await get(`/doubts${query}`, operator)).json())
    expect(page.totals[0]?.count).toBeGreaterThanOrEqual(4)
    seen.push(...page.data.map(one => one.reference))
    cursor = page.next_cursor
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBeGreaterThanOrEqual(4)
  expect((await get('/doubts?cursor=bad', operator)).json()).toMatchObject({ code: 'invalid_request' })
})

test('two people settle a payout as paid, and the proposal shows before what is booked after', async () => {
  const number = await doubtful()
  const before = await purse(db.store)
  const answer = await propose(number, { verdict: 'paid' })
  expect(answer.statusCode).toBe(201)
  const shown = proposedShown.parse(answer.json())
  expect(shown).toMatchObject({
    ...{
      kind: 'decision',
      state: 'open',
      current: true,
      proposed_by: operator.personId,
      confirmed_by_role: 'approver',
    },
    content: { verdict: 'paid', after: null, proof: null, version: 3, revision: 1 },
    evidence: [{ number: 1, kind: 'answer', name: 'letter.pdf', sha256: sha256Hex(PDF), covers: null }],
    preview: {
      state: 'paid',
      recipe: 'settle',
      postings: [{ debit: 'in_flight', credit: 'float:pa_test', amount: '10.00', currency: 'BDT' }],
      if_wrong:
        'if it was not paid, the beneficiary never gets 10.00 BDT, and the books say that it was paid',
    },
  })
  // Nothing moves by one person's word.
  expect([await stateOf(number), await purse(db.store)]).toEqual(['in_doubt', before])

  const confirmed = await confirm(shown.id, approver, approver.code())
  expect(confirmed.statusCode).toBe(200)
  expect(proposalShown.parse(confirmed.json())).toMatchObject({
    state: 'confirmed',
    ended_by: approver.personId,
  })
  expect(await stateOf(number)).toBe('paid')
  const postings = await db.store.payoutPostings(MERCHANT, number)
  expect(postings.map(({ recipe }) => recipe)).toEqual(['hold', 'dispatch', 'settle'])
})

test.each([
  ['failed', undefined, 'fail'],
  ['waiting', 'review', 'requeue'],
] as const)(
  'two people call a payout dead: it is %s, and its proof names both and the evidence',
  async (state, after, recipe) => {
    const number = await doubtful({ quick: true })
    const second = await people.person(['approver'])
    const answer = await propose(number, { verdict: 'dead', ...(after === undefined ? {} : { after }) })
    expect(answer.json().preview.if_wrong).toContain('10.00 BDT leave twice')
    const { id } = answer.json()
    expect((await confirm(id, second, second.code())).statusCode).toBe(200)
    expect(await stateOf(number)).toBe(state)
    expect((await db.store.payoutPostings(MERCHANT, number)).at(-1)?.recipe).toBe(recipe)
    const { rows } = await db.pool.query('select kind, premises from proof where payout_number = $1', [
      number,
    ])
    expect(rows).toMatchObject([
      {
        kind: 'by_people',
        premises: {
          ...{ row: 'W7', proposal: id, proposedBy: operator.personId, confirmedBy: second.personId },
          evidence: [{ kind: 'answer', sha256: sha256Hex(PDF) }],
        },
      },
    ])
    // Held for a review, it is in the queue of people still.
    const page = doubtsShown.parse((await get('/doubts?limit=100', operator)).json())
    const listed = page.data.find(one => one.reference === `ref-${number}`)?.kind
    expect(listed).toBe(state === 'waiting' ? 'review' : undefined)
  },
)

test('to keep waiting moves nothing, is recorded, and ends every other proposal about what was seen', async () => {
  const number = await doubtful()
  const second = await people.person(['approver'])
  const paid = await proposed(number, { verdict: 'paid' })
  const wait = await proposed(number, { verdict: 'keep_waiting', evidence: [] })
  expect((await confirm(wait, second, second.code())).statusCode).toBe(200)
  expect(await stateOf(number)).toBe('in_doubt')
  const late = await confirm(paid, second, second.code())
  expect([late.statusCode, late.json().code]).toEqual([409, 'proposal_not_open'])
  expect((await get(`/decisions/${paid}`, operator)).json()).toMatchObject({ state: 'void' })
})

test('a preview shows what would be booked and is refused as the proposal would be; nothing is recorded', async () => {
  const number = await doubtful()
  const preview = (content: object, by: TestPerson = operator) =>
    server.inject({
      method: 'POST',
      url: `/v1/payouts/${number}/decision-previews`,
      headers: { authorization: `Bearer ${keyOf(by)}`, 'content-type': 'application/json' },
      payload: JSON.stringify({ because: 'the provider wrote', evidence: [pdfGiven()], ...content }),
    })
  const shown = await preview({ verdict: 'paid' })
  expect(shown.statusCode).toBe(200)
  expect(shown.json()).toMatchObject({
    state: 'paid',
    postings: [{ debit: 'in_flight', amount: '10.00', currency: 'BDT' }],
  })
  const early = await preview({ verdict: 'dead' })
  expect([early.statusCode, early.json().code]).toEqual([409, 'decision_too_early'])
  expect((await preview({ verdict: 'paid' }, approver)).statusCode).toBe(403)
  const doubts = doubtsShown.parse((await get('/doubts?limit=100', operator)).json())
  expect(doubts.data.find(one => one.reference === `ref-${number}`)?.open_proposals).toEqual([])
})

test('dead is not decided before the contract lets it, and the answer says when', async () => {
  const number = await doubtful()
  const answer = await propose(number, { verdict: 'dead' })
  expect([answer.statusCode, answer.json().code]).toEqual([409, 'decision_too_early'])
  expect(Date.parse(answer.json().opens_at)).toBeGreaterThan(systemClock.now() + 7 * 24 * 3_600_000)
})

test('closed statements of the day and the day after prove it dead at any time, shorter ones do not', async () => {
  const number = await doubtful()
  const second = await people.person(['approver'])
  const daysAgo = (days: number) => new Date(systemClock.now() - days * 86_400_000).toISOString().slice(0, 10)
  const statement = (from: string, through: string) => ({
    verdict: 'dead',
    evidence: [{ ...pdfGiven(), kind: 'statement', covers: { from, through } }],
  })
  // It was sent today: no statement is closed that holds tomorrow.
  for (const covers of [[daysAgo(0), daysAgo(-1)] as const, [daysAgo(2), daysAgo(1)] as const]) {
    const answer = await propose(number, statement(...covers))
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'evidence_missing'])
  }
  // Three days old: its row is made older, which only the owner of the table can.
  await db.pool.query('alter table attempt disable trigger attempt_facts_stay')
  await db.pool.query(
    `update attempt set created_at = created_at - interval '3 days' where payout_number = $1`,
    [number],
  )
  await db.pool.query('alter table attempt enable trigger attempt_facts_stay')
  for (const covers of [[daysAgo(3), daysAgo(3)] as const, [daysAgo(2), daysAgo(1)] as const])
    expect((await propose(number, statement(...covers))).statusCode).toBe(422)
  const id = await proposed(number, statement(daysAgo(3), daysAgo(2)))
  expect((await confirm(id, second, second.code())).statusCode).toBe(200)
  const { rows } = await db.pool.query('select kind, premises from proof where payout_number = $1', [number])
  expect(rows).toMatchObject([{ kind: 'by_statement', premises: { row: 'W6' } }])
})

test('the same person is refused in every combination', async () => {
  const both = await people.person(['operator', 'approver', 'admin'], { keys: 2 })
  const [first = '', other = ''] = both.keys
  const number = await doubtful()
  const refusal = async (id: string, by: TestPerson | string, code: string) => {
    const answer = await confirm(id, by, code)
    return [answer.statusCode, answer.json().code]
  }
  const SECOND = [403, 'second_person_needed']
  // By the key that proposed it, and by another one of the same person.
  const own = await proposed(number, { verdict: 'paid' }, first)
  expect(await refusal(own, first, both.code())).toEqual(SECOND)
  expect(await refusal(own, other, both.code())).toEqual(SECOND)

  // The maker, by an API key that it owns: it neither confirms nor proposes.
  await db.store.putApiKey({
    ...{ keyId: 'qk_test_maker', merchantId: MERCHANT, live: false, hash: sha256('qk_test_maker_x') },
    ...{ scopes: ['payouts:write'], active: true, owner: both.personId },
  })
  const made = await doubtful({ door: 'api', doorCredentialId: 'qk_test_maker' })
  const byOperator = await proposed(made, { verdict: 'paid' })
  expect(await refusal(byOperator, other, both.code())).toEqual(SECOND)
  expect((await propose(made, { verdict: 'paid' }, first)).json().code).toBe('second_person_needed')
  // The same for a door's credential.
  await db.store.putDoorCredential({
    ...{ door: 'paypro', publicId: 'of-the-maker', merchantId: MERCHANT, secret: 's', settings: {} },
    ...{ active: true, owner: both.personId },
  })
  const throughDoor = await doubtful({ doorCredentialId: 'of-the-maker' })
  expect(await refusal(await proposed(throughDoor, { verdict: 'paid' }), first, '000000')).toEqual(SECOND)

  // The host, twice: it has no key, and nothing confirms for it.
  const host = { kind: 'host', user: 'root' } as const
  const asked: Parameters<typeof people.desk.proposeDecision>[1] = {
    ...{ payout: { number, tag: null }, after: null, because: 'x', seen: null },
    verdict: 'paid',
    evidence: [{ kind: 'answer', name: 'a', mediaType: 'application/pdf', bytes: PDF, covers: null }],
  }
  const byHost = await people.desk.proposeDecision(host, asked)
  if (byHost.kind !== 'proposed') throw new Error(byHost.detail)
  const twice = await people.people.confirmProposal({
    ...{
      proposalId: byHost.proposal.proposalId,
      personId: 'host:root',
      credential: 'host:root',
      codeStep: 1,
    },
    steps: [],
  })
  expect(twice.kind).toBe('refused')
  for (const one of [number, made, throughDoor]) expect(await stateOf(one)).toBe('in_doubt')
})

test('a confirmation takes a code: none, a wrong, an old, a used one and that of another person are refused', async () => {
  const number = await doubtful()
  const second = await people.person(['approver'])
  const stranger = await people.person(['approver'])
  const id = await proposed(number, { verdict: 'paid' })
  for (const code of [null, '', '12345', 'abcdef', second.oldCode(10), stranger.code()]) {
    const answer = await confirm(id, second, code)
    expect([code, answer.statusCode, answer.json().code]).toEqual([code, 403, 'one_time_code_refused'])
  }
  expect(await stateOf(number)).toBe('in_doubt')
  // Five wrong ones: somebody is guessing, and the right one comes too late as well.
  const locked = await confirm(id, second, second.code())
  expect([locked.statusCode, locked.json().code]).toEqual([429, 'rate_limited'])
  expect(locked.headers['retry-after']).toBe('900')
  // A code that was used confirms nothing more.
  const code = stranger.code()
  expect((await confirm(id, stranger, code)).statusCode).toBe(200)
  const next = await proposed(await doubtful(), { verdict: 'paid' })
  const again = await confirm(next, stranger, code)
  expect([again.statusCode, again.json().code]).toEqual([403, 'one_time_code_refused'])
})

test('evidence is asked for, and must be what it says that it is', async () => {
  const number = await doubtful({ quick: true })
  for (const verdict of ['paid', 'dead'])
    expect((await propose(number, { verdict, evidence: [] })).json().code).toBe('evidence_missing')
  const file = (change: object) =>
    propose(number, { verdict: 'paid', evidence: [{ ...pdfGiven(), ...change }] })
  expect((await file({ media_type: 'image/png' })).json().code).toBe('evidence_refused')
  expect((await file({ data: '' })).json().code).toBe('evidence_refused')
  expect((await file({ kind: 'statement' })).json().code).toBe('evidence_refused')
  expect((await file({ data: 'not base64' })).json().code).toBe('invalid_request')
  expect((await file({ data: Buffer.alloc(5_500_000).toString('base64') })).json().code).toBe(
    'invalid_request',
  )
  expect((await propose(number, { verdict: 'paid', because: '' })).json().code).toBe('invalid_request')
  const whole = Buffer.concat([PDF, Buffer.alloc(5 * 1024 * 1024 - PDF.length)])
  expect((await file({ data: whole.toString('base64') })).statusCode).toBe(201)
})

test('evidence is given back to those who may read, that it was read is recorded, and it lies sealed', async () => {
  const number = await doubtful()
  const id = await proposed(number, { verdict: 'paid' })
  const answer = await get(`/decisions/${id}/evidence/1`, approver)
  expect(answer.json()).toMatchObject({
    object: 'evidence',
    name: 'letter.pdf',
    data: PDF.toString('base64'),
  })
  expect((await get(`/decisions/${id}/evidence/2`, approver)).statusCode).toBe(404)
  const { rows } = await db.pool.query(`select who from act where what = 'read_evidence' and subject = $1`, [
    `${id}/1`,
  ])
  expect(rows).toEqual([{ who: approver.personId }])
  const clear = await db.pool.query(`select from evidence where sealed like '%' || $1 || '%'`, [
    PDF.toString('base64'),
  ])
  expect(clear.rowCount).toBe(0)
})

test('a payout that settles by itself between the two words makes the proposal void', async () => {
  const number = await doubtful({ quick: true })
  const second = await people.person(['approver'])
  const id = await proposed(number, { verdict: 'dead' })
  await settleByItself(number)
  expect((await get(`/decisions/${id}`, operator)).json()).toMatchObject({ state: 'open', current: false })
  const answer = await confirm(id, second, second.code())
  expect([answer.statusCode, answer.json().code]).toEqual([409, 'proposal_not_open'])
  expect(answer.json().detail).toMatch(/paid by now/)
  expect(await stateOf(number)).toBe('paid')
  expect((await get(`/decisions/${id}`, operator)).json()).toMatchObject({ state: 'void' })
})

test('an inquiry that saw something new between the two words makes the proposal void', async () => {
  const number = await doubtful()
  const second = await people.person(['approver'])
  const id = await proposed(number, { verdict: 'paid' })
  await db.store.advancePayouts([
    payoutStep(
      { number, version: 3 },
      { attempt: changed(1, { facts: { seen: 1 }, revision: 1, nextLookInMs: 5_000 }) },
    ),
  ])
  const answer = await confirm(id, second, second.code())
  expect([answer.statusCode, answer.json().code]).toEqual([409, 'proposal_not_open'])
  expect(await stateOf(number)).toBe('in_doubt')
})

test('an inquiry that learned nothing new leaves the proposal as it is, however often it is made', async () => {
  const number = await doubtful()
  const second = await people.person(['approver'])
  await asked(number, 1, 'not_found', 10)
  const id = await proposed(number, { verdict: 'paid' })
  for (const revision of [2, 3]) {
    await asked(number, revision, 'not_found', revision * 600_000)
    expect((await get(`/decisions/${id}`, operator)).json()).toMatchObject({ state: 'open', current: true })
  }
  expect((await confirm(id, second, second.code())).statusCode).toBe(200)
  expect(await stateOf(number)).toBe('paid')
})

test('one that said something else, and a callback before anybody has asked about it, are news', async () => {
  const number = await doubtful({ quick: true })
  const second = await people.person(['approver'])
  await asked(number, 1, 'not_found', 10)
  const id = await proposed(number, { verdict: 'dead' })
  await asked(number, 2, 'other', 20)
  expect((await confirm(id, second, second.code())).json().code).toBe('proposal_not_open')
  const again = await proposed(number, { verdict: 'dead' })
  await db.store.recordCallbacks([
    { merchantId: MERCHANT, number, attemptNo: 1, hash: sha256('x'), raw: 'x', verified: true, said: 'paid' },
  ])
  expect((await get(`/decisions/${again}`, operator)).json()).toMatchObject({ current: false })
  expect((await confirm(again, second, second.code())).json().code).toBe('proposal_not_open')
  expect(await stateOf(number)).toBe('in_doubt')
})

/** One inquiry more, as it is remembered. */
async function asked(number: bigint, revision: number, said: 'not_found' | 'other', afterMs: number) {
  const facts = {
    ...{ ...FACTS_AT_INTENT, lastPossibleByteAfterMs: 0, observations: [{ said, afterMs }] },
    alarmed: revision > 1 ? ['doubt for 15 min'] : [],
  }
  const step = { attempt: changed(1, { facts, revision, inquired: true, nextLookInMs: 5_000 }) }
  const [verdict] = await db.store.advancePayouts([payoutStep({ number, version: 3 }, step)])
  expect(verdict).toMatchObject({ kind: 'done' })
}

test('what was looked at before it was proposed is bound as well', async () => {
  const number = await doubtful()
  const seen = (version: number, revision: number) =>
    propose(number, { verdict: 'paid', seen: { version, revision } })
  expect((await seen(2, 1)).json().code).toBe('proposal_not_open')
  expect((await seen(3, 0)).json().code).toBe('proposal_not_open')
  expect((await seen(3, 1)).statusCode).toBe(201)
})

test('of two confirmations that race exactly one wins, twenty times, and the other is told so', {
  timeout: 120_000,
}, async () => {
  for (let round = 0; round < 20; round += 1) {
    const number = await doubtful({ quick: true })
    const [one, two] = [await people.person(['approver']), await people.person(['approver'])]
    const paid = await proposed(number, { verdict: 'paid' })
    // Half the rounds are about one proposal, half about two that contradict each other.
    const other = round % 2 === 0 ? paid : await proposed(number, { verdict: 'dead' })
    const answers = await Promise.all([confirm(paid, one, one.code()), confirm(other, two, two.code())])
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409])
    const loser = answers.find(({ statusCode }) => statusCode === 409)
    expect(loser?.json().code).toBe('proposal_not_open')
    const won = answers[0]?.statusCode === 200 || round % 2 === 0 ? 'paid' : 'failed'
    expect(await stateOf(number)).toBe(won)
    expect(await db.store.payoutPostings(MERCHANT, number)).toHaveLength(3)
  }
})

test('nothing is decided of a payout that is not in doubt', async () => {
  const number = await doubtful()
  await settleByItself(number)
  for (const verdict of ['paid', 'dead', 'keep_waiting'])
    expect((await propose(number, { verdict })).json().code).toBe('payout_not_in_doubt')
  expect(PAYOUT_STATES).toContain(await stateOf(number))
})

test('a role is needed for each thing, and for that merchant', async () => {
  const number = await doubtful()
  const id = await proposed(number, { verdict: 'paid' })
  for (const role of ['viewer', 'maker', 'approver', 'admin'] as const) {
    const one = await people.person([role])
    expect((await propose(number, { verdict: 'paid' }, one)).json().code).toBe('forbidden')
    if (role !== 'approver') expect((await confirm(id, one, one.code())).json().code).toBe('forbidden')
    expect((await get('/doubts', one)).statusCode).toBe(role === 'maker' ? 403 : 200)
  }
  // The same roles for another merchant: its payouts and proposals are not there.
  await db.store.putMerchant({ merchantId: 'm_else', name: 'Else', active: true })
  const elsewhere = await people.person(['operator', 'approver'], { merchantId: 'm_else' })
  expect((await propose(number, { verdict: 'paid' }, elsewhere)).statusCode).toBe(404)
  expect((await confirm(id, elsewhere, elsewhere.code())).statusCode).toBe(404)
  expect((await get(`/decisions/${id}`, elsewhere)).statusCode).toBe(404)
  expect((await get(`/decisions/${id}/evidence/1`, elsewhere)).statusCode).toBe(404)
  expect((await get('/decisions', elsewhere)).json().data).toEqual([])
  expect((await get('/doubts', elsewhere)).json()).toMatchObject({ data: [], totals: [] })
  expect((await get(`/doubts?merchant=${MERCHANT}`, elsewhere)).statusCode).toBe(404)
  expect((await get(`/doubts?merchant=${MERCHANT}`, operator)).statusCode).toBe(200)
})

test('only a key of a person opens these addresses, and it opens no other', async () => {
  const unknown = `qp_test_${'a'.repeat(12)}_${'b'.repeat(40)}`
  for (const key of [
    '',
    'qk_test_maker_x',
    unknown,
    `${keyOf(operator)}x`,
    keyOf(operator).replace('_test_', '_live_'),
  ])
    expect((await get('/doubts', key)).statusCode).toBe(401)
  expect((await get('/balances', operator)).statusCode).toBe(401)
  const leaver = await people.person(['viewer'])
  expect((await get('/doubts', leaver)).statusCode).toBe(200)
  await people.desk.stopPerson({ kind: 'host', user: 'root' }, leaver.personId)
  expect((await get('/doubts', leaver)).statusCode).toBe(401)
})

test('a proposal is rejected by anybody who may, once, and then confirms nothing', async () => {
  const number = await doubtful()
  const second = await people.person(['approver'])
  const id = await proposed(number, { verdict: 'paid' })
  const reject = (by: TestPerson) =>
    server.inject({
      method: 'POST',
      url: `/v1/decisions/${id}/reject`,
      headers: { authorization: `Bearer ${keyOf(by)}`, 'content-type': 'application/json' },
      payload: JSON.stringify({ because: 'the letter is about another payout' }),
    })
  expect((await reject(second)).json()).toMatchObject({ state: 'rejected', ended_by: second.personId })
  expect((await reject(operator)).json()).toMatchObject({ code: 'proposal_not_open' })
  expect((await confirm(id, approver, '000000')).json()).toMatchObject({ code: 'proposal_not_open' })
  expect((await get('/decisions?state=rejected', operator)).json().data[0]).toMatchObject({ id })
})

test('a proposal that nobody confirms in a day has ended', async () => {
  const number = await doubtful()
  const second = await people.person(['approver'])
  const id = await proposed(number, { verdict: 'paid' })
  await db.pool.query('alter table proposal disable trigger user')
  await db.pool.query(
    `update proposal set proposed_at = proposed_at - interval '1 day',
    expires_at = expires_at - interval '1 day' where proposal_id = $1`,
    [id],
  )
  await db.pool.query('alter table proposal enable trigger user')
  expect((await get(`/decisions/${id}`, operator)).json()).toMatchObject({ state: 'expired' })
  expect((await confirm(id, second, second.code())).json()).toMatchObject({ code: 'proposal_not_open' })
  expect(await stateOf(number)).toBe('in_doubt')
})

test('two people correct the books beside what was booked, and one alone moves nothing', async () => {
  const number = await doubtful()
  await settleByItself(number)
  const correct = (content: object) =>
    server.inject({
      method: 'POST',
      url: `/v1/payouts/${number}/corrections`,
      headers: { authorization: `Bearer ${keyOf(operator)}`, 'content-type': 'application/json' },
      payload: JSON.stringify({ because: 'it was paid twice', amount: '2.50', currency: 'BDT', ...content }),
    })
  for (const accounts of [
    { debit: 'held', credit: 'available' },
    { debit: 'available', credit: 'in_flight' },
    { debit: 'available', credit: 'available' },
    { debit: 'available', credit: 'cash' },
  ])
    expect((await correct(accounts)).json().code).toBe('invalid_request')
  expect((await correct({ debit: 'fees', credit: 'available', currency: 'EUR' })).json().code).toBe(
    'invalid_request',
  )
  const before = await purse(db.store)
  const answer = await correct({ debit: 'float:pa_test', credit: 'available' })
  expect(answer.statusCode).toBe(201)
  expect(await purse(db.store)).toBe(before)
  const second = await people.person(['approver'])
  expect((await confirm(answer.json().id, second, second.code())).statusCode).toBe(200)
  expect((await db.store.payoutPostings(MERCHANT, number)).at(-1)).toMatchObject({
    ...{ recipe: 'correction', debit: 'float:pa_test', credit: 'available', amount: { minor: 250n } },
  })
  expect(auditBooks(await db.store.readBooks(MERCHANT))).toEqual([])
  // More than is there is refused, and may be confirmed once it is there.
  const huge = await correct({ debit: 'available', credit: 'suspense', amount: '99999999.00' })
  const third = await people.person(['approver'])
  expect((await confirm(huge.json().id, third, third.code())).json().code).toBe('insufficient_funds')
  expect(await stateOf(number)).toBe('paid')
})

test('a payout that ended unpaid and may have been paid is in the queue until its books are corrected', async () => {
  const number = await doubtful({ quick: true })
  const [second, third] = [await people.person(['approver']), await people.person(['approver'])]
  await confirm(await proposed(number, { verdict: 'dead' }), second, second.code())
  const listed = async () =>
    doubtsShown
      .parse((await get('/doubts?limit=100', operator)).json())
      .data.find(one => one.reference === `ref-${number}`)
  expect(await listed()).toBeUndefined()
  // What Q3 does of an answer about a dead attempt: a note, an incident, and the money to be recalled.
  const incident = { kind: 'paid_after_death', detail: 'pa_test: Q3' }
  await db.store.advancePayouts([payoutStep({ number, version: 4 }, { incident, ...booked('recall') })])
  expect(await listed()).toMatchObject({
    kind: 'disputed',
    state: 'failed',
    incidents: [{ kind: 'paid_after_death' }],
  })
  // The decision stands as it was; the merchant owes what left.
  const answer = await server.inject({
    method: 'POST',
    url: `/v1/payouts/${number}/corrections`,
    headers: { authorization: `Bearer ${keyOf(operator)}`, 'content-type': 'application/json' },
    payload: JSON.stringify({
      ...{
        debit: 'available',
        credit: 'recall_receivable',
        amount: '10.00',
        currency: 'BDT',
        because: 'it was paid',
      },
    }),
  })
  expect((await confirm(answer.json().id, third, third.code())).statusCode).toBe(200)
  expect(await stateOf(number)).toBe('failed')
  expect(await listed()).toBeUndefined()
})

test('at most a hundred proposals are open at once, and the same one again is the same one', {
  timeout: 60_000,
}, async () => {
  const number = await doubtful()
  const first = await proposed(number, { verdict: 'paid', because: 'reason 0' })
  expect(await proposed(number, { verdict: 'paid', because: 'reason 0' })).toBe(first)
  let refusedAt = 0
  for (let more = 1; more <= 101 && refusedAt === 0; more += 1) {
    const answer = await propose(number, { verdict: 'keep_waiting', because: `reason ${more}`, evidence: [] })
    if (answer.statusCode !== 201) {
      expect(answer.json().code).toBe('too_many_proposals')
      refusedAt = more
    }
  }
  expect(refusedAt).toBeGreaterThan(1)
  const { rows } = await db.pool.query(`select count(*)::int as open from proposal where state = 'open'`)
  expect(rows[0].open).toBe(100)
})

test('every act is recorded with who, by which key, and the hash of what it was about', async () => {
  const { rows } = await db.pool.query(
    `select a.what, a.who, a.credential, a.hash = p.content_hash as same from act a
      join proposal p on p.proposal_id = a.subject where p.state = 'confirmed' and p.kind = 'decision'
      order by a.act_no desc limit 50`,
  )
  expect(rows.length).toBeGreaterThan(10)
  expect(new Set(rows.map(({ what }) => what))).toEqual(new Set(['propose_decision', 'confirm_decision']))
  expect(rows.every(({ same, who, credential }) => same && who !== '' && credential !== '')).toBe(true)
})

test('no key, code, seed or evidence stands in the log', () => {
  expect(lines.length).toBeGreaterThan(100)
  const log = lines.join('')
  const secrets = [...operator.keys, ...approver.keys].map(key => key.slice(key.lastIndexOf('_') + 1))
  for (const secret of [...secrets, PDF.toString('base64'), 'Evidencename', 'the provider wrote'])
    expect(log.includes(secret)).toBe(false)
})
