import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { sha256 } from '../lib/digest.ts'
import { seededRandom } from '../lib/random.ts'
import { currencyOf } from '../money/currency.ts'
import type { Beneficiary } from '../payout/beneficiary.ts'
import type { DoorCredential, Submission } from '../protocols/protocol.ts'
import { openJournal } from './journal.ts'
import { createRail, type Rail } from './rail.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a rail that is started again on its file has the same books, and pays what was still to be paid, once', async () => {
  const first = rail()
  const answers = [
    await first.rail.desk.submit(submission('A1', '01811111111')),
    await first.rail.desk.submit(submission('A2', '01700000001')),
    await first.rail.desk.submit(submission('A3', '01700000005')),
  ]
  const before = first.rail.books()
  expect(before.map(({ state }) => state)).toEqual(['pending', 'paid', 'failed'])
  first.rail.stop()

  const second = rail()
  const [still, ...ended] = second.rail.books()
  expect(ended).toEqual(before.slice(1))
  // Its time to be paid may have come while nobody was there.
  const { state: _, paidAtMs: __, timesPaid: ___, ...facts } = before[0] ?? {}
  expect(still).toMatchObject(facts)
  await systemClock.sleep(350)
  expect(second.rail.books().map(({ state, timesPaid }) => [state, timesPaid])).toEqual([
    ['paid', 1],
    ['paid', 1],
    ['failed', 0],
  ])
  expect(second.told).toEqual(['A1 paid'])
  const repeat = await second.rail.desk.submit(submission('A1', '01811111111'))
  expect(repeat).toEqual({ ...answers[0], kind: 'replayed' })
  expect(await second.rail.desk.submit(submission('A2', '01811111111'))).toMatchObject({ kind: 'conflict' })
})

test('what is kept three times over is the same: references are taken once, however often it starts', async () => {
  await rail().rail.desk.submit(submission('A1', '01811111111'))
  for (let start = 0; start < 3; start += 1) rail().rail.stop()
  const last = rail()
  await systemClock.sleep(350)
  expect(last.rail.books()).toMatchObject([{ reference: 'A1', timesAccepted: 1, timesPaid: 1 }])
})

test('what was paid before it was started again is not paid and not told again', async () => {
  const first = rail()
  await first.rail.desk.submit(submission('A1', '01811111111'))
  await systemClock.sleep(350)
  expect(first.told).toEqual(['A1 paid'])
  const second = rail()
  expect(second.rail.books()).toEqual(first.rail.books())
  await systemClock.sleep(350)
  expect(second.rail.books()).toMatchObject([{ state: 'paid', timesPaid: 1 }])
  expect(second.told).toEqual([])
})

test('a line that was cut off is passed over, and the file then holds one line for each order', async () => {
  const { rail: first, path } = rail()
  await first.desk.submit(submission('A1', '01700000001'))
  await first.desk.submit(submission('A1', '01700000001'))
  await first.desk.submit(submission('A2', '01700000001'))
  const whole = readFileSync(path, 'utf8')
  expect(whole.trimEnd().split('\n')).toHaveLength(3)
  appendFileSync(path, whole.slice(0, 100))
  expect(rail().rail.books()).toMatchObject([
    { reference: 'A1', timesArrived: 2 },
    { reference: 'A2', timesArrived: 1 },
  ])
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(2)
})

test('an order that waits still waits after a start, and one that was confirmed keeps its answer', async () => {
  const { rail: first } = rail()
  const numbers: bigint[] = []
  for (const reference of ['A1', 'A2']) {
    const submitted = await first.desk.submit({
      ...submission(reference, '01700000001'),
      needsConfirmation: true,
    })
    if (submitted.kind === 'accepted') numbers.push(submitted.number)
  }
  const [one = 0n, two = 0n] = numbers
  await first.desk.confirm('rail', one, 'yes')
  first.stop()

  const { rail: second } = rail()
  expect(second.books()).toEqual(first.books())
  expect(second.books().map(({ state }) => state)).toEqual(['paid', 'waiting'])
  expect(await second.desk.balances('rail')).toEqual(await first.desk.balances('rail'))
  expect(await second.desk.confirm('rail', one, 'another')).toEqual({ kind: 'replayed', answer: 'yes' })
  expect(await second.desk.confirm('rail', two, 'now')).toEqual({ kind: 'confirmed', answer: 'now' })
  expect(rail().rail.books()).toMatchObject([{ timesPaid: 1 }, { state: 'paid', timesPaid: 1 }])
})

test('every kind of beneficiary is kept', async () => {
  const beneficiaries: readonly Beneficiary[] = [
    { kind: 'wallet', operator: 'nagad', number: '01811111111' },
    { kind: 'bank_account', account: 'DE89', bank: null, holder: 'A B' },
    { kind: 'card', number: '4111111111111111' },
  ]
  const { rail: first } = rail()
  for (const [place, beneficiary] of beneficiaries.entries())
    await first.desk.submit({ ...submission(`A${place}`, ''), beneficiary })
  expect(
    rail()
      .rail.books()
      .map(({ beneficiary }) => beneficiary),
  ).toEqual(beneficiaries)
})

const CREDENTIAL: DoorCredential = {
  door: 'some',
  publicId: '42',
  merchantId: 'rail',
  secret: 'a secret',
  active: true,
  settings: {},
}

function rail(): { rail: Rail; told: string[]; path: string } {
  const path = join(folder, 'books.jsonl')
  const told: string[] = []
  const { kept, keep } = openJournal(path)
  const made = createRail({
    clock: systemClock,
    random: seededRandom(1),
    credentials: [CREDENTIAL],
    tell: ({ reference, state }) => told.push(`${reference} ${state}`),
    drawBehaviour: () => null,
    meetLine: () => {},
    kept,
    keep,
  })
  return { rail: made, told, path }
}

function submission(reference: string, wallet: string): Submission {
  const currency = currencyOf('BDT')
  if (currency === null) throw new Error('BDT')
  return {
    merchantId: 'rail',
    door: 'some',
    doorCredentialId: '42',
    requestId: null,
    reference,
    idempotencyKey: null,
    fingerprint: sha256(wallet),
    amount: { minor: 1_050n, currency },
    beneficiary: { kind: 'wallet', operator: 'bkash', number: wallet },
    description: 'a text with "quotes" and ü',
    metadata: null,
    notifyUrl: 'http://127.0.0.1:1/',
    needsConfirmation: false,
    firstAnswer: ({ number, state }) => `${number} ${state}`,
  }
}
