// Over real Postgres and a real file: a log that was rewritten shows against what was kept outside of it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issueAll, openReceiptKit, pay, type ReceiptKit } from '../../test/receipts-kit.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { keepCheckpoints } from './checkpoint-file.ts'

let db: ReceiptKit
let folder: string
beforeAll(async () => {
  db = await openReceiptKit()
  folder = await mkdtemp(join(tmpdir(), 'quittance-checkpoints-'))
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true })
})

const lines: string[] = []
const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } })

function keeper(name: string, of: ReceiptKit = db) {
  return keepCheckpoints({ path: join(folder, name), store: of.receipts, clock: systemClock, log })
}

async function kept(name: string): Promise<readonly string[]> {
  return (await readFile(join(folder, name), 'utf8')).split('\n').slice(0, -1)
}

test('each checkpoint is written once, after it was held against the last one', async () => {
  const one = keeper('kept')
  expect(await one.round()).toBeNull()
  await pay(db, [1n, 2n, 3n])
  await issueAll(db.issuer())
  expect(await one.round()).toBe('written')
  expect(await one.round()).toBeNull()
  await pay(db, [4n])
  await issueAll(db.issuer())
  // Another process, over the same file.
  expect(await keeper('kept').round()).toBe('written')
  const notes = (await kept('kept')).map(line => JSON.parse(line).checkpoint.split('\n')[1])
  expect(notes).toEqual(['3', '4'])
})

test('a line that a crash cut short counts for nothing, and the next one stands on its own', async () => {
  const path = join(folder, 'cut')
  await keeper('cut').round()
  await writeFile(path, `${await readFile(path, 'utf8')}{"at":"2026-`)
  await pay(db, [5n])
  await issueAll(db.issuer())
  expect(await keeper('cut').round()).toBe('written')
  expect(await keeper('cut').round()).toBeNull()
})

test('a log that did not grow out of what was kept is an alarm, and nothing is written over it', async () => {
  await keeper('rewritten').round()
  const before = await kept('rewritten')
  // What the owner of a database can do: rows changed past every trigger, everything signed anew with the same key.
  await using forged = await rewritten()
  expect(await keeper('rewritten', forged).round()).toBe('contradiction')
  expect(await kept('rewritten')).toEqual(before)
  expect(lines.at(-1)).toContain('receipt_log_contradicts')
  // The log as it was goes on.
  expect(await keeper('rewritten').round()).not.toBe('contradiction')
})

test('a log that is shorter than what was kept, and one that is empty, are alarms', async () => {
  await keeper('shorter').round()
  await using fresh = await another()
  expect(await keeper('shorter', fresh).round()).toBe('contradiction')
})

/** Another installation with the same name of the log and the same key, and other receipts. */
async function rewritten(): Promise<ReceiptKit & AsyncDisposable> {
  const forged = await another()
  const { rows } = await db.pool.query('select * from receipt_key')
  const [key] = rows
  await forged.pool.query(
    'insert into receipt_key (key_id, public_key, sealed, made_by, since) values ($1, $2, $3, $4, $5)',
    [key.key_id, key.public_key, key.sealed, key.made_by, key.since],
  )
  const { origin, size } = await db.receipts.receiptHead()
  await forged.pool.query('alter table receipt_log disable trigger user')
  await forged.pool.query('update receipt_log set origin = $1', [origin])
  await forged.pool.query('alter table receipt_log enable trigger user')
  await pay(
    forged,
    Array.from({ length: size + 2 }, (_, place) => BigInt(place + 100)),
  )
  await issueAll(forged.issuer())
  return forged
}

async function another(): Promise<ReceiptKit & AsyncDisposable> {
  const kit = await openReceiptKit()
  return { ...kit, [Symbol.asyncDispose]: () => kit.close() }
}
