// What people see over all of their merchants, and what one of them does alone: by role and by merchant, each with what is
// refused.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTestConsole, type TestConsole, type Visitor } from '../../test/console-kit.ts'
import { payoutInDoubt } from '../../test/people-kit.ts'
import {
  ACCOUNT,
  BDT,
  booked,
  changed,
  MERCHANT,
  newPayout,
  opened,
  payoutStep,
} from '../../test/store-kit.ts'
import { systemClock } from '../lib/clock.ts'
import { money } from '../money/money.ts'
import { payoutId } from '../payout/number.ts'
import { ROLES, type Role } from '../payout/role.ts'
import { apiRoutes, personRoutes } from './api.ts'
import type { ApiNeeds } from './needs.ts'
import { listOf } from './schema.ts'
import {
  accountShown,
  actShown,
  credentialShown,
  foundNoticeShown,
  foundPayoutShown,
  merchantShown,
  overviewShown,
  providerAccountShown,
  statementLineShown,
  stopShown,
} from './schema-console.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const OTHER = 'm_other'
let house: TestConsole
let all: Visitor
let one: Visitor
let other: Visitor

beforeAll(async () => {
  house = await openTestConsole()
  const { store } = house.db
  await store.fundMerchant({
    ...{ merchantId: OTHER, providerAccountId: ACCOUNT, amount: money(1_000_000n, BDT) },
    ...{ reference: 'opening', note: '' },
  })
  all = await house.visitor(ROLES)
  one = await house.visitor(ROLES, MERCHANT)
  other = await house.visitor(['viewer'], OTHER)
  for (const number of [1n, 2n, 3n, 4n]) await pay(number)
  await payoutInDoubt(store, 5n)
  const now = { createdAtMs: systemClock.now(), notifyUrl: null }
  await store.acceptPayouts([
    newPayout(6n, { ...now, merchantId: OTHER, reference: 'theirs' }),
    newPayout(7n, { ...now, reference: '=cmd()' }),
    newPayout(8n, {
      ...{ ...now, reference: 'to-an-account' },
      beneficiary: {
        kind: 'bank_account',
        account: 'DE89370400440532013000',
        bank: null,
        holder: 'Ada Example',
      },
    }),
  ])
})
afterAll(() => house.close())

/** A whole life: 10.00 BDT, paid. */
async function pay(number: bigint): Promise<void> {
  const { store } = house.db
  await store.acceptPayouts([newPayout(number, { createdAtMs: systemClock.now() })])
  const due = (await store.claimDue({ limit: 100, leaseMs: 0 })).find(line => line.payout.number === number)
  if (due === undefined) throw new Error('not due')
  const intent = payoutStep(due.payout, {
    ...{ to: 'sending', claim: due.claim, queue: { kind: 'drop' }, attempt: opened(1, number) },
    ...booked('dispatch'),
  })
  const paid = payoutStep(
    { number, version: 2 },
    {
      to: 'paid',
      attempt: changed(1, { state: 'paid', theirId: `THEIRS-${number}`, revision: 0 }),
      ...booked('settle'),
    },
  )
  for (const step of [intent, paid]) {
    const [verdict] = await store.advancePayouts([step])
    if (verdict?.kind !== 'done') throw new Error('a step was stale')
  }
}

async function numbers(query: string, by: Visitor = all): Promise<readonly string[]> {
  const answer = await by.get(`/search/payouts${query}`)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json().data.map(({ number }: { number: string }) => number)
}

test('a person sees the merchants for which it has a role, and no other', async () => {
  const ids = async (by: Visitor) =>
    listOf(merchantShown)
      .parse((await by.get('/merchants')).json())
      .data.map(({ id }) => id)
      .sort()
  expect(await ids(all)).toEqual([OTHER, MERCHANT])
  expect(await ids(one)).toEqual([MERCHANT])
  expect(await ids(other)).toEqual([OTHER])
})

test('the payouts of every merchant of a person, newest first, by pages that miss none and repeat none', async () => {
  expect(await numbers('')).toEqual(['8', '7', '6', '5', '4', '3', '2', '1'])
  expect(await numbers('', one)).toEqual(['8', '7', '5', '4', '3', '2', '1'])
  expect(await numbers('', other)).toEqual(['6'])
  expect(await numbers(`?merchant=${OTHER}`)).toEqual(['6'])
  const seen: string[] = []
  let cursor = ''
  for (let page = 0; page < 10; page += 1) {
    const answer = (await all.get(`/search/payouts?limit=3${cursor}`)).json()
    seen.push(...answer.data.map((line: { number: string }) => line.number))
    if (!answer.has_more) break
    cursor = `&before=${answer.next_cursor}`
  }
  expect(seen).toEqual(['8', '7', '6', '5', '4', '3', '2', '1'])
})

test('a payout is found by whatever is exact about it, and by nothing near it', async () => {
  const first = await house.db.store.findPayout(MERCHANT, { by: 'number', number: 1n })
  if (first === null) throw new Error('it is there')
  const attempt = (await house.db.store.payoutAttempts(MERCHANT, 1n))[0]
  expect(await numbers(`?q=${payoutId(1n, first.tag)}`)).toEqual(['1'])
  expect(await numbers('?q=1')).toEqual(['1'])
  expect(await numbers('?q=ref-1')).toEqual(['1'])
  expect(await numbers(`?q=${attempt?.reference}`)).toEqual(['1'])
  expect(await numbers('?q=THEIRS-1')).toEqual(['1'])
  expect(await numbers('?q=DE89370400440532013000')).toEqual(['8'])
  expect(await numbers('?q=de89%203704%200044%200532%200130%2000')).toEqual(['8'])
  expect(await numbers('?q=01712345678')).toEqual(['7', '6', '5', '4', '3', '2', '1'])
  expect(await numbers('?q=%2B01712345678', other)).toEqual(['6'])
  for (const near of [payoutId(1n, first.tag + 1), 'ref-', 'REF-1', 'THEIRS', '0171234567', '9', '%25', "'"])
    expect({ near, found: await numbers(`?q=${near}`) }).toEqual({ near, found: [] })
})

test('what is found by its reference is of this person, whoever else has one of that name', async () => {
  expect(await numbers('?q=theirs', one)).toEqual([])
  expect(await numbers('?q=6', one)).toEqual([])
  expect(await numbers('?q=theirs', other)).toEqual(['6'])
  expect((await one.get(`/search/payouts?merchant=${OTHER}`)).statusCode).toBe(404)
  expect((await all.get('/search/payouts?merchant=m_nobody')).statusCode).toBe(404)
})

test('filters hold together, and what is no filter is refused by name', async () => {
  expect(await numbers('?state=paid')).toEqual(['4', '3', '2', '1'])
  const page = listOf(foundPayoutShown).parse((await all.get('/search/payouts?state=paid&limit=1')).json())
  expect(page).toMatchObject({ has_more: true, data: [{ number: '4', merchant: MERCHANT }] })
  expect(await numbers('?state=in_doubt&currency=BDT')).toEqual(['5'])
  expect(await numbers('?currency=EUR')).toEqual([])
  expect(await numbers(`?provider_account=${ACCOUNT}`)).toEqual(['5', '4', '3', '2', '1'])
  expect(await numbers('?provider_account=pa_none')).toEqual([])
  expect(await numbers('?created_from=2100-01-01T00:00:00Z')).toEqual([])
  expect(await numbers('?created_to=2020-01-01T00:00:00Z')).toEqual([])
  expect(await numbers('?q=ref-1&state=in_doubt')).toEqual([])
  for (const [query, pointer] of [
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['state=accepted', 'state'],
    ['before=x', 'before'],
    ['created_from=yesterday', 'created_from'],
    ['q=', 'q'],
    ['q=a&q=b', 'q'],
    ['q=%00', 'q'],
  ])
    expect((await all.get(`/search/payouts?${query}`)).json().errors?.[0]?.pointer, query).toBe(pointer)
  expect((await all.get('/search/payouts?reference=x')).statusCode).toBe(400)
})

test('a file holds the same, and no field of it is a formula', async () => {
  const answer = await all.get('/search/payouts.csv?currency=BDT')
  expect(answer.headers).toMatchObject({
    'content-type': 'text/csv;charset=utf-8;header=present',
    'content-disposition': 'attachment; filename="payouts.csv"',
    ...{ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  })
  const lines = answer.body.trimEnd().split('\r\n')
  expect(lines).toHaveLength(9)
  expect(lines[0]).toMatch(/^id,merchant,number,reference,amount,currency/)
  expect(answer.body).toContain(",7,'=cmd(),10.00,BDT,")
  for (const line of lines) for (const field of line.split(',')) expect(field).not.toMatch(/^"?[=+\-@\t]/)
  // Whole wallets stand in no file.
  expect(answer.body).not.toContain('01712345678')
  const acts = listOf(actShown).parse((await all.get('/acts?what=export_payouts')).json())
  expect(acts.data[0]).toMatchObject({ who: all.person.personId, what: 'export_payouts' })
  expect((await one.get(`/search/payouts.csv?merchant=${OTHER}`)).statusCode).toBe(404)
})

test('the overview adds up what was created, paid, sent and left in doubt', async () => {
  const answer = await all.get('/overview?hours=24')
  const overview = overviewShown.parse(answer.json())
  expect(overview.complete_since).toBeNull()
  expect(overview.totals).toContainEqual({ state: 'paid', count: 4, currency: 'BDT', amount: '40.00' })
  expect(overview.series).toHaveLength(25)
  const sum = (of: (step: (typeof overview.series)[number]) => number) =>
    overview.series.reduce((count, step) => count + of(step), 0)
  expect(sum(step => step.accepted)).toBe(7)
  expect(sum(step => step.paid)).toBe(4)
  expect(overview.series.flatMap(step => step.paid_amounts)).toEqual([{ currency: 'BDT', amount: '40.00' }])
  expect(overview.time_to_paid.reduce((count, bar) => count + bar.count, 0)).toBe(4)
  expect(overview.time_to_paid.at(-1)?.up_to_ms).toBeNull()
  expect(overview.doubts).toEqual([{ currency: 'BDT', count: 1, amount: '10.00' }])
  // A million and ten thousand were brought in, forty went out.
  expect(overview.floats).toEqual([{ provider_account: ACCOUNT, currency: 'BDT', amount: '1009960.00' }])

  expect(overviewShown.parse((await other.get('/overview')).json())).toMatchObject({
    totals: [{ state: 'queued', count: 1, currency: 'BDT', amount: '10.00' }],
    ...{ doubts: [], floats: [{ amount: '10000.00' }] },
  })
  expect((await one.get(`/overview?merchant=${OTHER}`)).statusCode).toBe(404)
  expect(overviewShown.parse((await all.get('/overview?hours=744')).json()).series).toHaveLength(32)
  for (const hours of ['0', '745', 'x'])
    expect((await all.get(`/overview?hours=${hours}`)).statusCode).toBe(400)
})

test('a provider account says what stops it, what it holds and what is open there', async () => {
  const accounts = async (by: Visitor) =>
    listOf(providerAccountShown).parse((await by.get('/provider_accounts')).json()).data
  expect(await accounts(all)).toMatchObject([
    {
      ...{ id: ACCOUNT, protocol: 'paypro', name: 'Test', active: true, stopped: null, safe_mode: null },
      ...{ floats: [{ currency: 'BDT', amount: '1009960.00' }], open_attempts: 1, in_doubt: 1 },
    },
  ])
  // It is paid through no account.
  expect(await accounts(other)).toEqual([])
  const stopped = await all.post('/stops', { scope: 'rail', id: 'paypro', because: 'their office burns' })
  expect(stopShown.parse(stopped.json())).toEqual({
    object: 'stop',
    scope: 'rail',
    id: 'paypro',
    already: false,
  })
  expect((await all.post('/stops', { scope: 'rail', id: 'paypro', because: 'still' })).json().already).toBe(
    true,
  )
  expect((await accounts(all))[0]?.stopped).toMatchObject({ scope: 'rail', why: 'their office burns' })
  expect((await accounts(one))[0]?.stopped).toMatchObject({ scope: 'rail', why: 'It is stopped.' })
  expect((await all.get('/stops')).json().switches).toMatchObject([
    { scope: 'rail', by: all.person.personId },
  ])
})

test('one person stops what it has a role for, and nothing beyond it', async () => {
  const stop = async (by: Visitor, scope: string, id?: string) =>
    (await by.post('/stops', { scope, ...(id === undefined ? {} : { id }), because: 'a test' })).statusCode
  expect(await stop(one, 'global')).toBe(403)
  expect(await stop(one, 'rail', 'paypro')).toBe(403)
  expect(await stop(one, 'merchant', OTHER)).toBe(403)
  expect(await stop(one, 'merchant', MERCHANT)).toBe(201)
  expect(await stop(other, 'merchant', OTHER)).toBe(403)
  expect(await stop(all, 'merchant', 'm_nobody')).toBe(404)
  expect(await stop(all, 'global', 'x')).toBe(400)
  expect(await stop(all, 'merchant')).toBe(400)
  // Letter by letter: another spelling would stop nothing.
  for (const currency of ['bdt', 'BDT ', 'BD', 'XXY', '\u0000'])
    expect(await stop(all, 'currency', currency)).toBe(400)
  expect((await all.post('/stops', { scope: 'global', because: '' })).statusCode).toBe(400)
  expect((await all.get('/acts?what=trip_switch')).json().data).toMatchObject([
    { subject: `merchant:${MERCHANT}`, merchant: MERCHANT, who: one.person.personId },
    { subject: 'rail:paypro' },
    { subject: 'rail:paypro' },
  ])
})

test('accounts print as they are meant, and a statement ends with what it began with', async () => {
  const accounts = listOf(accountShown).parse((await one.get('/accounts')).json()).data
  const balanceOf = (account: string) => accounts.find(line => line.account === account)?.balance
  // 1,000,000.00 less four that were paid, one in doubt and two that are held.
  expect(balanceOf('available')).toBe('999930.00')
  expect(balanceOf('held')).toBe('20.00')
  expect(balanceOf('in_flight')).toBe('10.00')
  expect(balanceOf(`float:${ACCOUNT}`)).toBe('999960.00')

  const read = async (path: string) => {
    const answer = await one.get(path)
    expect(answer.statusCode, answer.body).toBe(200)
    const page = answer.json()
    return { lines: listOf(statementLineShown).parse(page).data, next: page.next_cursor }
  }
  const whole = (await read('/accounts/available/postings?currency=BDT&limit=100')).lines
  expect(whole).toHaveLength(8)
  expect(whole[0]).toMatchObject({
    recipe: 'fund',
    payout_id: null,
    amount: '1000000.00',
    balance: '999930.00',
  })
  expect(whole[1]).toMatchObject({ recipe: 'hold', contra: 'held', amount: '-10.00', balance: '-70.00' })
  expect(whole.at(-1)).toMatchObject({ balance: '-10.00', amount: '-10.00' })
  // By pages it is the same.
  const paged: unknown[] = []
  let before = ''
  for (let count = 0; count < 10; count += 1) {
    const { lines, next } = await read(`/accounts/available/postings?currency=BDT&limit=3${before}`)
    paged.push(...lines)
    if (next === null) break
    before = `&before=${next}`
  }
  expect(paged).toEqual(whole)
  const float = (await read(`/accounts/float:${ACCOUNT}/postings?currency=BDT&limit=100`)).lines
  expect(float[0]).toMatchObject({ recipe: 'fund', amount: '1000000.00', balance: '999960.00' })
})

test('accounts are of one merchant, which is named where there are several', async () => {
  expect((await all.get('/accounts')).json()).toMatchObject({ code: 'invalid_request' })
  expect((await all.get(`/accounts?merchant=${OTHER}`)).json().data).not.toEqual([])
  expect((await one.get(`/accounts?merchant=${OTHER}`)).statusCode).toBe(404)
  expect((await one.get('/accounts/available/postings?currency=BDT&merchant=m_other')).statusCode).toBe(404)
  expect((await one.get('/accounts/nothing/postings?currency=BDT')).statusCode).toBe(404)
  expect((await one.get('/accounts/available/postings')).statusCode).toBe(400)
  expect((await one.get('/accounts/available/postings?currency=ZZZ')).statusCode).toBe(400)
  expect((await one.get('/accounts/available/postings?currency=EUR')).json().data).toEqual([])
  expect((await one.get('/accounts/available/postings?currency=BDT&before=MTox')).statusCode).toBe(400)
})

test('notices of every merchant are listed, and an operator has one told again', async () => {
  const { pool } = house.db
  await pool.query(
    `insert into notice (merchant_id, payout_number, sequence, target, url, state, tries, last_status)
      select '${MERCHANT}', n, 3, 'door', 'http://127.0.0.1:1/n', 'parked', 9, 500 from generate_series(1, 4) n`,
  )
  const list = async (query: string, by = all) =>
    listOf(foundNoticeShown).parse((await by.get(`/notices${query}`)).json())
  expect((await list('')).data).toMatchObject(
    ['4', '3', '2', '1'].map(() => ({ merchant: MERCHANT, told: 'paid', state: 'parked', due_at: null })),
  )
  const first = await list('?limit=3&state=parked')
  const rest = await list(`?limit=3&state=parked&before=${first.next_cursor}`)
  expect([...first.data, ...rest.data].map(({ payout_id }) => payout_id)).toEqual(
    (await list('')).data.map(({ payout_id }) => payout_id),
  )
  expect(rest.has_more).toBe(false)
  expect((await list('?state=due')).data).toEqual([])
  expect((await list('', other)).data).toEqual([])

  const before = house.wakes()
  const again = await one.post('/payouts/2/notices/3/resend')
  expect(again.json().data).toMatchObject([{ sequence: 3, state: 'due', acknowledged_at: null }])
  expect(house.wakes()).toBe(before + 1)
  expect((await list('?state=due')).data).toHaveLength(1)
  expect((await one.post('/payouts/2/notices/9/resend')).statusCode).toBe(404)
  expect((await one.post('/payouts/6/notices/1/resend')).statusCode).toBe(404)
  expect((await one.post(`/payouts/${payoutId(2n, 1)}/notices/3/resend`)).statusCode).toBe(404)
  // An older notice, told now, would be the merchant's last word.
  await house.db.pool.query(
    `insert into notice (merchant_id, payout_number, sequence, target, url, state)
     select merchant_id, payout_number, 2, target, url, 'parked' from notice where merchant_id = $1 and payout_number = 2`,
    [MERCHANT],
  )
  expect((await one.post('/payouts/2/notices/2/resend')).json()).toMatchObject({ code: 'notice_overtaken' })
  const viewer = await house.visitor(['viewer', 'approver'], MERCHANT)
  expect((await viewer.post('/payouts/2/notices/3/resend')).statusCode).toBe(403)
  expect((await all.get('/acts?what=resend_notice')).json().data).toMatchObject([{ merchant: MERCHANT }])
})

test('an operator has the provider asked now, where there is something to ask', async () => {
  await house.db.pool.query(
    "update attempt set next_look_at = now() + interval '1 hour' where payout_number = 5",
  )
  const asked = await one.post('/payouts/5/inquire')
  expect(asked.json()).toMatchObject({ state: 'in_doubt', number: '5' })
  expect(Date.parse(asked.json().next_check_at)).toBeLessThanOrEqual(systemClock.now() + 1_000)
  expect((await one.post('/payouts/1/inquire')).json()).toMatchObject({ code: 'payout_not_in_doubt' })
  expect((await one.post('/payouts/7/inquire')).json()).toMatchObject({ code: 'payout_not_in_doubt' })
  expect((await one.post('/payouts/6/inquire')).statusCode).toBe(404)
  expect((await one.post('/payouts/999/inquire')).statusCode).toBe(404)
  const operator = await house.visitor(['viewer'], MERCHANT)
  expect((await operator.post('/payouts/5/inquire')).statusCode).toBe(403)
  expect((await all.get('/acts?what=inquire_now')).json().data).toHaveLength(1)
})

test('acts are read by who may, those of the installation by who may everywhere', async () => {
  const whole = listOf(actShown).parse((await all.get('/acts?limit=100')).json()).data
  expect(whole.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['sign_in', 'use_sign_in_link', 'trip_switch']),
  )
  const theirs = listOf(actShown).parse((await one.get('/acts?limit=100')).json()).data
  expect(new Set(theirs.map(({ merchant }) => merchant))).toEqual(new Set([MERCHANT]))
  expect((await all.get(`/acts?who=${one.person.personId}&what=sign_in`)).json().data).toHaveLength(1)
  expect((await all.get(`/acts?subject=merchant:${MERCHANT}`)).json().data).toHaveLength(1)
  expect((await other.get('/acts')).statusCode).toBe(403)
})

test('keys are shown to who administers them, and never a secret', async () => {
  const { store } = house.db
  const hash = new Uint8Array(32)
  const key = { live: false, hash, scopes: ['payouts:read'], active: true }
  await store.putApiKey({ ...key, keyId: 'qk_test_ours', merchantId: MERCHANT })
  await store.putApiKey({ ...key, keyId: 'qk_test_theirs', merchantId: OTHER })
  const ids = async (by: Visitor) =>
    listOf(credentialShown)
      .parse((await by.get('/keys')).json())
      .data.map(({ id }) => id)
  expect(await ids(all)).toEqual(expect.arrayContaining(['qk_test_ours', 'qk_test_theirs']))
  const theirs = await ids(one)
  expect(theirs).toContain('qk_test_ours')
  expect(theirs).not.toContain('qk_test_theirs')
  expect(theirs.some(id => id.startsWith('qp_test_'))).toBe(true)
  const { body } = await all.get('/keys')
  for (const secret of [all.person.keys[0] ?? 'x', 'hash', 'secret":']) expect(body).not.toContain(secret)
  expect((await other.get('/keys')).statusCode).toBe(403)
})

// ---- the routes of a merchant, by a person ---------------------------------------------------------------------------

const created = (reference: string) => ({
  ...{ reference, amount: '10.50', currency: 'BDT' },
  beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' },
})

test('a person comes to the routes of its merchant, and says which where it has several', async () => {
  expect((await one.get('/payouts/1')).json()).toMatchObject({ number: '1', state: 'paid' })
  expect((await all.get('/payouts/1')).json()).toMatchObject({ code: 'invalid_request' })
  expect((await all.get('/payouts/1', { 'quittance-merchant': MERCHANT })).statusCode).toBe(200)
  expect((await all.get(`/payouts/1?merchant=${MERCHANT}`)).statusCode).toBe(200)
  expect((await all.get(`/payouts?limit=2&merchant=${MERCHANT}&state=paid`)).json().data).toHaveLength(2)
  expect((await all.get(`/payouts/1?merchant=${OTHER}`)).statusCode).toBe(404)
  expect((await one.get('/payouts/6', { 'quittance-merchant': OTHER })).statusCode).toBe(404)
  expect((await all.get('/payouts/1?merchant=m_nobody')).statusCode).toBe(404)
  const both = await all.get(`/payouts/1?merchant=${MERCHANT}`, { 'quittance-merchant': OTHER })
  expect(both.statusCode).toBe(400)
  expect((await all.get(`/payouts/1?merchant=${MERCHANT}&merchant=${MERCHANT}`)).statusCode).toBe(400)
  // By its key it is the same person.
  const authorization = `Bearer ${one.person.keys[0]}`
  const byKey = await house.server.inject({ url: '/v1/balances', headers: { authorization } })
  expect(byKey.json().data).toMatchObject([{ currency: 'BDT' }])
})

test('a person who is a maker creates a payout, and is its maker', async () => {
  const headers = { 'idempotency-key': 'by-a-person' }
  const viewer = await house.visitor(['viewer', 'approver', 'operator', 'admin'], MERCHANT)
  expect((await viewer.post('/payouts', created('by-a-person'), headers)).statusCode).toBe(403)
  const made = await one.post('/payouts', created('by-a-person'), headers)
  expect(made.statusCode, made.body).toBe(201)
  const { rows } = await house.db.pool.query(
    "select payout_maker(p) as maker from payout p where reference = 'by-a-person'",
  )
  expect(rows).toEqual([{ maker: one.person.personId }])
  expect((await one.post(`/payouts/${made.json().id}/cancel`)).json()).toMatchObject({ state: 'cancelled' })
  const theirs = (await one.get('/acts?what=cancel_payout')).json().data
  expect(theirs).toMatchObject([{ subject: made.json().id, merchant: MERCHANT, who: one.person.personId }])
  const asked = (await one.get('/acts?what=create_payout')).json().data
  expect(asked).toMatchObject([
    { subject: `request:${made.headers['x-request-id']}`, who: one.person.personId },
  ])
  expect((await all.post('/payouts', created('nowhere'), { 'idempotency-key': 'nowhere' })).statusCode).toBe(
    400,
  )
})

test('for a merchant that is switched off a person reads, and writes nothing', async () => {
  await house.db.store.putMerchant({ merchantId: OTHER, name: 'Other', active: false })
  await house.refresh()
  const to = { 'quittance-merchant': OTHER }
  expect((await all.get('/payouts/6', to)).statusCode).toBe(200)
  const made = await all.post('/payouts', created('off'), { ...to, 'idempotency-key': 'off' })
  expect(made.json()).toMatchObject({ code: 'forbidden', detail: 'This merchant is switched off.' })
})

// ---- the matrix ------------------------------------------------------------------------------------------------------

/** Who may, of SECURITY.md section 5; whoever may not is refused with 403, whoever may with something else or not at all. */
const MATRIX: readonly (readonly [method: 'get' | 'post', path: string, may: readonly Role[]])[] = [
  ...(['/session', '/merchants', '/overview', '/provider_accounts', '/search/payouts'] as const).map(
    path => ['get', path, ROLES] as const,
  ),
  ...(
    ['/accounts', '/accounts/available/postings?currency=BDT', '/notices', '/payouts', '/balances'] as const
  ).map(path => ['get', path, ROLES] as const),
  ...(['', '/attempts', '/events', '/postings', '/notices', '/proof_images'] as const).map(
    part => ['get', `/payouts/1${part}`, ROLES] as const,
  ),
  ...(['', '.json', '.png', '.pdf'] as const).map(
    form => ['get', `/payouts/1/receipt${form}`, ROLES] as const,
  ),
  ['get', '/search/payouts.csv', ROLES],
  // Told in the demo alone, which this is not: nobody is refused for a role.
  ['get', '/sandbox/code', ROLES],
  ['post', '/sandbox/explain/paypro', ROLES],
  ['post', '/sandbox/sign/paypro', ['maker']],
  // A stop is of the whole installation: nobody sees it with a role for one merchant.
  ['get', '/stops', []],
  ['get', '/decisions/pr_0123456789abcdef', ['viewer', 'approver', 'operator', 'admin']],
  ['get', '/decisions/pr_0123456789abcdef/evidence/1', ['viewer', 'approver', 'operator', 'admin']],
  ['get', '/doubts', ['viewer', 'approver', 'operator', 'admin']],
  ['get', '/decisions', ['viewer', 'approver', 'operator', 'admin']],
  ['get', '/acts', ['approver', 'operator', 'admin']],
  ['get', '/keys', ['admin']],
  ['post', '/stops', ['approver', 'operator', 'admin']],
  ['post', '/payouts', ['maker']],
  ['post', '/payouts/1/cancel', ['maker']],
  ['post', '/payouts/1/inquire', ['operator']],
  ['post', '/payouts/1/notices/1/resend', ['operator']],
  ['post', '/payouts/1/decisions', ['operator']],
  ['post', '/payouts/1/decision-previews', ['operator']],
  ['post', '/payouts/1/corrections', ['operator', 'admin']],
  ['post', '/switch-releases', ['operator', 'admin']],
  ['post', '/safe-mode-releases', ['operator', 'admin']],
  ['post', '/decisions/pr_0123456789abcdef/confirm', ['approver', 'admin']],
  ['post', '/decisions/pr_0123456789abcdef/reject', ['approver', 'operator', 'admin']],
]

test('every route of the API that takes somebody stands in the matrix', () => {
  // The routes alone are made: nobody is asked.
  const needs = {} as ApiNeeds
  const missing = [...apiRoutes(needs), ...personRoutes(needs)].filter(({ method, path }) => {
    const form = new RegExp(
      `^${path.replace('/v1', '').replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}(?:\\?.*)?$`,
    )
    return !MATRIX.some(([verb, one]) => verb === method.toLowerCase() && form.test(one))
  })
  // To sign out takes a session and no role; session.test.ts.
  expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual(['DELETE /v1/session'])
})

test.each(ROLES)('the role %s, by a session, opens exactly what it may', async role => {
  const visitor = await house.visitor([role], MERCHANT)
  for (const [method, path, may] of MATRIX) {
    const body = path.startsWith('/decisions/') || path.endsWith('/cancel') ? undefined : {}
    const answer = method === 'get' ? await visitor.get(path) : await visitor.post(path, body)
    const refused = answer.statusCode === 403
    expect({ role, method, path, refused, status: answer.statusCode }).toEqual({
      ...{ role, method, path, refused: !may.includes(role), status: expect.any(Number) },
    })
    expect(answer.statusCode).not.toBe(401)
    expect(answer.statusCode).toBeLessThan(500)
  }
})

test('nobody, a key of a merchant and an ended session open none of these addresses', async () => {
  const ended = await house.visitor(ROLES, MERCHANT)
  await house.server.inject({
    ...{ method: 'DELETE', url: '/v1/session' },
    headers: { cookie: ended.cookie, origin: 'https://console.example', 'quittance-token': ended.token },
  })
  for (const [method, path] of MATRIX) {
    const url = `/v1${path}`
    const verb = method === 'get' ? 'GET' : 'POST'
    expect((await house.server.inject({ method: verb, url })).statusCode, path).toBe(401)
    expect(
      (await house.server.inject({ method: verb, url, headers: { cookie: ended.cookie } })).statusCode,
      path,
    ).toBe(401)
    const authorization = 'Bearer qk_test_ours_secret'
    expect(
      (await house.server.inject({ method: verb, url, headers: { authorization } })).statusCode,
      path,
    ).toBe(401)
  }
})
