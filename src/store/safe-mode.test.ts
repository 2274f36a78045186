// Safe mode in the store: entered where the server is not the one it was, and then nothing is claimed, no send right is
// given by anybody, and only two people release it.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { auditWhole, releaseAccountByTwo } from '../../test/people-kit.ts'
import {
  BDT,
  booked,
  MERCHANT,
  newPayout,
  opened,
  openTestStore,
  payoutStep,
  send,
  type TestStore,
} from '../../test/store-kit.ts'

const ACCOUNTS = ['pa_one', 'pa_two']
const FAR = 'FFFFFF/0'

let db: TestStore
beforeEach(async () => {
  db = await openTestStore()
  for (const id of ACCOUNTS) {
    await db.store.putProviderAccount({
      ...{
        id,
        protocol: 'test',
        name: id,
        baseUrl: 'http://127.0.0.1:1',
        settings: {},
        callbackSecret: 'secret',
      },
      ...{ ratePerSecond: null, concurrency: null, active: true },
    })
    await db.store.putRoute({
      ...{
        merchantId: MERCHANT,
        providerAccountId: id,
        priority: 1,
        currency: BDT,
        method: null,
        active: true,
      },
    })
  }
  await db.store.acceptPayouts([newPayout(1n), newPayout(2n)])
})
afterEach(() => db.close())

/** Every question was answered, and every attempt looked at. */
async function sweepEnded({ store, pool }: TestStore): Promise<void> {
  for (;;) {
    const questions = await store.claimReferenceQuestions({ limit: 100, leaseMs: 60_000 })
    if (questions.length === 0) break
    for (const { payout, attemptNo, providerAccountId } of questions)
      await store.answerReferenceQuestion({
        ...{ merchantId: MERCHANT, number: payout.number, attemptNo, providerAccountId },
        ...{ said: 'not_found', nextInMs: null },
      })
  }
  await pool.query(
    `update attempt set next_look_at = now() + interval '1 hour' where next_look_at is not null`,
  )
}

const claim = (noted: string | null = null) => db.store.claimDue({ limit: 10, leaseMs: 0, noted })

async function openAccounts(): Promise<readonly string[]> {
  const states = await db.store.safeModes()
  return states
    .filter(({ releasedAtMs }) => releasedAtMs === null)
    .map(({ providerAccountId }) => providerAccountId)
}

test('a server that is the one it was is no sign, and its position grows', async () => {
  const first = await db.store.checkInstallation(null, [])
  expect(first).toMatchObject({ sign: null, position: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/) })
  expect(await db.store.checkInstallation(first.position, [])).toMatchObject({ sign: null })
  expect(await claim(first.position)).toHaveLength(2)
  expect(await db.store.safeModes()).toEqual([])
})

test.each([
  ['system_identifier', 'update installation set system_identifier = system_identifier + 1', null],
  ['timeline', `update installation set timeline = '0000FFFF'`, null],
  ['position', 'select 1', FAR],
] as const)(
  'another %s stops every claim at once, and puts every provider account into safe mode',
  async (sign, sql, noted) => {
    await db.pool.query(sql)
    expect(await claim(noted)).toEqual([])
    expect(await db.store.checkInstallation(noted, [])).toMatchObject({ sign })
    expect((await openAccounts()).toSorted()).toEqual(ACCOUNTS)
    // The server as it is now is known from here on; what stops the sends is recorded, and stays.
    expect(await db.store.checkInstallation(null, [])).toMatchObject({ sign: null })
    expect(await claim()).toEqual([])
  },
)

test('no send right is given in safe mode, also where nobody asked whether there is one', async () => {
  const [due] = await claim()
  if (due === undefined) throw new Error('one is due')
  await db.store.checkInstallation(FAR, [])
  const intent = payoutStep(due.payout, {
    ...{ to: 'sending', claim: due.claim, queue: { kind: 'drop' }, ...booked('dispatch') },
    attempt: { ...opened(1, due.payout.number), providerAccountId: 'pa_one' },
  })
  await expect(db.store.advancePayouts([intent])).rejects.toThrow(/did not answer/)
  expect(await db.store.findPayout(MERCHANT, { by: 'number', number: due.payout.number })).toMatchObject({
    state: 'queued',
  })
})

test('a second step is not given to an attempt that is older than a restore, released or not', async () => {
  await send(db.store, 1n)
  const right = `update attempt set facts = '{"stepsSent": 2}' where payout_number = 1`
  await db.pool.query(`insert into provider_account (provider_account_id, protocol, name, base_url, settings,
    callback_secret, active) values ('pa_test', 'test', 'x', 'x', 'x', 'x', true)`)
  await db.store.checkInstallation(FAR, [])
  await expect(db.pool.query(right)).rejects.toThrow(/safe mode/)
  await sweepEnded(db)
  await auditWhole(db)
  expect(await releaseAccountByTwo(db, 'pa_test')).toBe('confirmed')
  await expect(db.pool.query(right)).rejects.toThrow(/safe mode/)
})

test('a second step is not given to an attempt that was found after a restore, though it was written after it', async () => {
  const [mine] = await db.store.claimDue({ limit: 1, leaseMs: 30_000 })
  if (mine === undefined) throw new Error('nothing is due')
  const found = (incarnation: bigint) =>
    payoutStep(mine.payout, {
      to: 'sending',
      claim: mine.claim,
      queue: { kind: 'drop' },
      attempt: { ...opened(1, mine.payout.number), incarnation },
      ...booked('dispatch'),
    })
  expect(await db.store.advancePayouts([found(0n)])).toMatchObject([{ kind: 'done' }])
  await expect(db.pool.query(`update attempt set facts = '{"stepsSent": 2}'`)).rejects.toThrow(/safe mode/)
  await expect(db.pool.query(`update attempt set facts = '{"repeats": 1}'`)).rejects.toThrow(/safe mode/)
})

test('two different people release one account, and sends go on through it alone', async () => {
  await db.store.checkInstallation(FAR, [])
  await sweepEnded(db)
  await auditWhole(db)
  expect(await releaseAccountByTwo(db, 'pa_one')).toBe('confirmed')
  expect(await releaseAccountByTwo(db, 'pa_one')).toBe('not_found')
  expect(await openAccounts()).toEqual(['pa_two'])
  expect(await claim()).toHaveLength(2)
  expect(await db.store.safeModes()).toMatchObject([
    {
      providerAccountId: 'pa_one',
      proposedBy: expect.stringMatching(/^pe_/),
      confirmedBy: expect.stringMatching(/^pe_/),
    },
    { providerAccountId: 'pa_two', releasedAtMs: null },
  ])
})

test.each([
  ['one person', `update safe_mode set released_at = now(), proposed_by = 'a', confirmed_by = 'a'`],
  [
    'one person in two spellings',
    `update safe_mode set released_at = now(), proposed_by = 'a', confirmed_by = 'A'`,
  ],
  ['nobody', 'update safe_mode set released_at = now()'],
  ['half of two', `update safe_mode set released_at = now(), proposed_by = 'a'`],
  ['two names', `update safe_mode set released_at = now(), proposed_by = 'a', confirmed_by = 'b'`],
  ['a deletion', 'delete from safe_mode'],
  [
    'another account',
    `update safe_mode set provider_account_id = 'pa_three' where provider_account_id = 'pa_one'`,
  ],
  ['emptying it', 'truncate safe_mode'],
])('the database itself refuses a release by %s', async (_who, sql) => {
  await db.store.checkInstallation(FAR, [])
  await expect(db.pool.query(sql)).rejects.toThrow()
  expect(await openAccounts()).toHaveLength(2)
})

test('every queued payout is asked for at every account in safe mode, once until it is answered', async () => {
  await db.store.checkInstallation(FAR, [])
  const questions = await db.store.claimReferenceQuestions({ limit: 10, leaseMs: 60_000 })
  expect(
    questions
      .map(({ payout, attemptNo, providerAccountId }) => `${payout.number} ${attemptNo} ${providerAccountId}`)
      .toSorted(),
  ).toEqual(['1 1 pa_one', '1 1 pa_two', '2 1 pa_one', '2 1 pa_two'])
  expect(await db.store.claimReferenceQuestions({ limit: 10, leaseMs: 60_000 })).toEqual([])
  for (const { payout, attemptNo, providerAccountId } of questions) {
    const nextInMs = providerAccountId === 'pa_one' ? 0 : null
    await db.store.answerReferenceQuestion({
      ...{
        merchantId: MERCHANT,
        number: payout.number,
        attemptNo,
        providerAccountId,
        said: 'not_found',
        nextInMs,
      },
    })
  }
  const again = await db.store.claimReferenceQuestions({ limit: 10, leaseMs: 60_000 })
  expect(again.map(({ providerAccountId, notFound }) => [providerAccountId, notFound])).toEqual([
    ['pa_one', 1],
    ['pa_one', 1],
  ])
})

test('sends that a journal holds and this database does not are named, and a phantom is told once', async () => {
  await send(db.store, 1n)
  const known = {
    merchantId: MERCHANT,
    number: 1n,
    attemptNo: 1,
    step: 'only',
    providerAccountId: 'pa_test',
    reference: 'our-1-1',
  } as const
  const unknown = [
    { ...known, attemptNo: 2 },
    { ...known, number: 99n },
    { ...known, reference: 'x' },
    { ...known, step: 'second' as const },
  ]
  expect(await db.store.unknownSends([known, ...unknown])).toEqual(
    unknown.map(({ attemptNo }, place) => ({ place: place + 1, attemptNo })),
  )
  const sent = { merchantId: MERCHANT, providerAccountId: 'pa_test', reference: 'r-99' }
  const phantom = { ...sent, number: 99n, attemptNo: 1, detail: 'a detail' }
  expect(await db.store.findPhantom(MERCHANT, [sent])).toBeNull()
  for (let times = 0; times < 2; times += 1) await db.store.recordPhantom(phantom)
  expect(await db.store.phantomCount()).toBe(1)
  expect(await db.store.findPhantom(MERCHANT, [sent])).toBe(0)
  expect(await db.store.findPhantom(MERCHANT, [{ ...sent, reference: 'r-1' }, sent, sent])).toBe(1)
  // Another restore may lose another payout that had the same number.
  await db.store.recordPhantom({ ...phantom, reference: 'r-100' })
  expect(await db.store.phantomCount()).toBe(2)
  for (const other of [{ reference: 'r-9' }, { providerAccountId: 'pa' }])
    expect(await db.store.findPhantom(MERCHANT, [{ ...sent, ...other }])).toBeNull()
  expect(await db.store.findPhantom('m_else', [sent])).toBeNull()
})
