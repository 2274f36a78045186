// The books of a rail in a file, so that a simulated provider remembers what it took when it is started again: a line
// of JSON for every change of an entry, the last one counts. A real provider does not forget because we restart.
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { assert } from '../lib/assert.ts'
import { currencyOf } from '../money/currency.ts'
import { WALLET_OPERATORS } from '../payout/beneficiary.ts'
import type { RailEntry } from './books.ts'
import { BEHAVIOUR_NAMES, RAIL_STATES } from './magic.ts'

export interface Journal {
  /** As the file had them, each at its last change. */
  readonly kept: readonly RailEntry[]
  keep(entry: RailEntry): void
}

/** Makes the file where there is none, and leaves only last changes in it where there is one. */
export function openJournal(path: string): Journal {
  const last = new Map<string, string>()
  for (const line of readLines(path)) {
    const entry = parseEntry(line)
    if (entry !== null) last.set(JSON.stringify([entry.order.merchantId, entry.order.reference]), line)
  }
  const lines = [...last.values()]
  // By another name first: a process that is killed here leaves the old file whole.
  writeFileSync(`${path}.new`, lines.map(line => `${line}\n`).join(''), { mode: 0o600 })
  renameSync(`${path}.new`, path)
  return {
    kept: lines.map(parseEntry).filter(entry => entry !== null),
    // Synchronous, so that what was answered is kept, however this process ends.
    keep: entry => appendFileSync(path, `${printEntry(entry)}\n`),
  }
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return []
  }
}

function printEntry(entry: RailEntry): string {
  const { submission, identity, firstAnswer, confirmation, order, remaining } = entry
  const { door, doorCredentialId, fingerprint, description, notifyUrl, needsConfirmation } = submission
  const { amount, beneficiary, number: _number, ...rest } = order
  return JSON.stringify({
    submission: {
      door,
      doorCredentialId,
      fingerprint: Buffer.from(fingerprint).toString('hex'),
      description,
      metadata: submission.metadata,
      notifyUrl,
      needsConfirmation,
    },
    identity: { number: String(identity.number), tag: identity.tag, createdAtMs: identity.createdAtMs },
    firstAnswer,
    confirmation,
    order: { ...rest, minor: String(amount.minor), currency: amount.currency, beneficiary },
    remaining,
  })
}

const time = z.number().int()
const state = z.enum(RAIL_STATES)
const kept = z.object({
  submission: z.object({
    door: z.string(),
    doorCredentialId: z.string(),
    fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
    description: z.string().nullable(),
    metadata: z.record(z.string(), z.string()).nullable(),
    notifyUrl: z.string().nullable(),
    needsConfirmation: z.boolean(),
  }),
  identity: z.object({ number: z.string().regex(/^[0-9]{1,16}$/), tag: z.number().int(), createdAtMs: time }),
  firstAnswer: z.string(),
  confirmation: z.string().nullable(),
  order: z.object({
    merchantId: z.string(),
    reference: z.string(),
    minor: z.string().regex(/^[0-9]{1,18}$/),
    currency: z.string(),
    beneficiary: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('wallet'), operator: z.enum(WALLET_OPERATORS), number: z.string() }),
      z.object({
        kind: z.literal('bank_account'),
        account: z.string(),
        bank: z.string().nullable(),
        holder: z.string().nullable(),
      }),
      z.object({ kind: z.literal('card'), number: z.string() }),
    ]),
    behaviour: z.enum(BEHAVIOUR_NAMES),
    state,
    timesArrived: z.number().int(),
    timesAccepted: z.number().int(),
    timesConfirmed: z.number().int(),
    timesPaid: z.number().int(),
    acceptedAtMs: time,
    startedAtMs: time.nullable(),
    paidAtMs: time.nullable(),
    failedAtMs: time.nullable(),
    returnedAtMs: time.nullable(),
  }),
  remaining: z.array(z.object({ to: z.enum(['paid', 'failed', 'returned']), atMs: time })),
})

/** Null for a line that a kill cut off, or that another version wrote. */
function parseEntry(line: string): RailEntry | null {
  const read = kept.safeParse(parsed(line))
  if (!read.success) return null
  const { submission, identity, firstAnswer, confirmation, remaining } = read.data
  const { minor, currency: code, ...order } = read.data.order
  const currency = currencyOf(code)
  assert(currency !== null, 'the books hold currencies of ISO 4217')
  const amount = { minor: BigInt(minor), currency }
  const number = BigInt(identity.number)
  return {
    submission: {
      ...submission,
      merchantId: order.merchantId,
      requestId: null,
      reference: order.reference,
      idempotencyKey: null,
      fingerprint: Buffer.from(submission.fingerprint, 'hex'),
      amount,
      beneficiary: order.beneficiary,
      firstAnswer: () => firstAnswer,
    },
    identity: {
      ...{ number, tag: identity.tag, createdAtMs: identity.createdAtMs },
      state: submission.needsConfirmation ? 'waiting' : 'pending',
    },
    firstAnswer,
    confirmation,
    order: { ...order, number, amount },
    remaining,
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
