// Payouts that are really in doubt, because their answer was lost at a provider that cannot be asked, and two people who
// end the doubt: with commands on the host, and over HTTP with keys and authenticators of their own.
import { expect, test } from 'vitest'
import { auditBooks } from '../../src/ledger/audit.ts'
import { createNative, findNative } from '../client.ts'
import { type House, MERCHANT, openHouse, startServer } from '../house.ts'
import { addPerson, commandOn as command, type Somebody, temporaryFiles } from '../persons.ts'
import { eventually } from '../program.ts'
import { startRail } from '../rail.ts'

const LETTER = '%PDF-1.4 reference 4711 was paid, they write: Rokeya Markedwitness'

test('a lost answer without anybody to ask is ended by two people: once as paid, once as dead', {
  timeout: 300_000,
}, async () => {
  await using folder = await temporaryFiles()
  await using rail = await startRail()
  const settings = { query: 'off', timeout_total_ms: '1000' }
  await using house = await openHouse({ railUrl: rail.url, settings })
  await using server = await startServer(house, { logLevel: 'trace' })
  // One was taken and paid, and neither answer nor callback ever came; one was lost on its way.
  await rail.fault({ name: 'lost_after', count: 1, path: '/v1/paypro/payout' })
  await createNative(server.url, { reference: 'arrived', amount: '500.00', wallet: '01700000040' })
  const arrived = await inDoubt(server.url, 'arrived')
  await createNative(server.url, { reference: 'lost', amount: '70.00', wallet: '01700000020' })
  const lost = await inDoubt(server.url, 'lost')

  const ada = await addPerson(house, 'Ada', 'operator')
  const bo = await addPerson(house, 'Bo', 'approver')
  const third = await command(house, ['person', 'add', 'Cy', '--role', 'approver'])
  expect(third.out).toContain('Proposed: a person with the role admin confirms pr_')
  const table = await command(house, ['doubts'])
  expect(table.out).toContain(arrived.id)
  expect(table.out).toContain('2 payouts, 570.00 BDT at risk')

  // As paid: proposed over HTTP by one person, confirmed on the host by another.
  const letter = await folder.file('letter.pdf', LETTER)
  const paid = await call(server.url, `/payouts/${arrived.id}/decisions`, ada, {
    ...{ verdict: 'paid', because: 'their letter 4711' },
    evidence: [
      {
        kind: 'answer',
        name: 'letter.pdf',
        media_type: 'application/pdf',
        data: Buffer.from(LETTER).toString('base64'),
      },
    ],
  })
  expect(paid.status).toBe(201)
  expect(paid.body.preview).toMatchObject({
    state: 'paid',
    postings: [{ debit: 'in_flight', amount: '500.00' }],
  })
  const keyFile = await folder.file('bo.key', `${bo.key}\n`)
  const confirming = (code: string) =>
    command(house, [
      'confirm',
      String(paid.body.id),
      '--person',
      bo.personId,
      '--key-file',
      keyFile,
      '--code',
      code,
    ])
  const wrong = await confirming('000000')
  expect([wrong.code, wrong.problems]).toEqual([1, expect.stringContaining('one_time_code_refused')])
  expect((await confirming(bo.codeAt(0))).problems).toBe('')
  expect((await findNative(server.url, 'arrived')).state).toBe('paid')

  // As dead: the host looks first and proposes with a statement, the second word comes over HTTP.
  const dry = ['decide', lost.id, '--dead', '--because', 'not in their books', '--dry-run']
  const early = await command(house, [...dry, '--evidence', letter])
  expect([early.code, early.problems]).toEqual([1, expect.stringContaining('decision_too_early')])
  const days = await makeOlder(house, 'lost', 3)
  const decide = [
    'decide',
    lost.id,
    '--dead',
    '--because',
    'not in their books',
    '--statement',
    letter,
    '--covers',
    days,
  ]
  const preview = await command(house, [...decide, '--dry-run'])
  expect(preview.out).toContain('70.00 BDT  in_flight → available')
  expect(preview.out).toContain('if it was paid, 70.00 BDT leave twice')
  expect((await command(house, ['decisions'])).out).not.toContain(lost.id)
  const proposed = await command(house, decide)
  const id = /Proposed as (pr_\w{16})/.exec(proposed.out)?.[1] ?? ''
  const withoutCode = await call(server.url, `/decisions/${id}/confirm`, bo, null)
  expect([withoutCode.status, withoutCode.body.code]).toEqual([403, 'one_time_code_refused'])
  const confirmed = await call(server.url, `/decisions/${id}/confirm`, bo, null, bo.codeAt(1))
  expect([confirmed.status, confirmed.body.state]).toEqual([200, 'confirmed'])
  const dead = await findNative(server.url, 'lost')
  expect([dead.state, dead.why]).toEqual([
    'failed',
    'It was not paid: the statements of the provider do not hold it.',
  ])

  // Both are as the provider's own books have them, the books are clean, and nobody has to look at anything.
  expect((await rail.books()).map(({ timesPaid }) => timesPaid)).toEqual([1])
  expect(auditBooks(await house.store.readBooks(MERCHANT))).toEqual([])
  expect((await command(house, ['doubts'])).out).toContain('Nothing is in doubt.')
  server.program.signal('SIGTERM')
  await server.program.ended
  const logs = server.program.out() + server.program.problems()
  for (const secret of [secretOf(ada.key), secretOf(bo.key), bo.seed.toString('base64'), 'Markedwitness'])
    expect(logs.includes(secret)).toBe(false)
  expect(logs).not.toContain(Buffer.from(LETTER).toString('base64'))
})

async function inDoubt(url: string, reference: string) {
  return eventually(
    `${reference} is in doubt`,
    () => findNative(url, reference),
    ({ state }) => state === 'in_doubt',
  )
}

async function call(url: string, path: string, by: Somebody, body: object | null, code?: string) {
  const answer = await fetch(`${url}/v1${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${by.key}`,
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      ...(code === undefined ? {} : { 'quittance-one-time-code': code }),
    },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  })
  // The shape is the test's own expectation.
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

/** Makes its attempt older, which only the owner of the table can, and gives the days that a statement has to cover. */
async function makeOlder({ pool }: House, reference: string, days: number): Promise<string> {
  await pool.query('alter table attempt disable trigger attempt_facts_stay')
  const { rows } = await pool.query<{ from: string; through: string }>(
    `update attempt a set created_at = a.created_at - $2 * interval '1 day' from payout p
      where p.reference = $1 and a.payout_number = p.payout_number and a.merchant_id = p.merchant_id
      returning to_char(a.created_at, 'YYYY-MM-DD') as from, to_char(a.created_at + interval '2 days', 'YYYY-MM-DD') as through`,
    [reference, days],
  )
  await pool.query('alter table attempt enable trigger attempt_facts_stay')
  return `${rows[0]?.from}..${rows[0]?.through}`
}

function secretOf(key: string): string {
  return key.slice(key.lastIndexOf('_') + 1)
}
