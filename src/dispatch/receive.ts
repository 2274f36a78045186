// A provider's callback. It is a hint: it wakes an inquiry, and what it told is kept so that the inquiry's answer can be
// held against it. It is acknowledged only when both are committed, so that a callback which we forgot comes again.
//
//   1. address   our own code in the URL: which attempt it is about, and that somebody whom we told so is asking
//   2. signature the protocol's own, over the bytes as they came
//   3. attempt   it exists, at this account, under the reference that the callback names
//   4. keep      what it told, beside the payout; its bytes, once for ever, with the wake of the next look
//   5. answer    in the protocol's words
//
// What fails before step 4 changes nothing and is not stored, or strangers could fill the database: it is counted.
import { Unavailable } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { sha256 } from '../lib/digest.ts'
import { groupCommit } from '../lib/group-commit.ts'
import { parseDecimalLenient } from '../money/decimal.ts'
import { type Money, moneyEquals } from '../money/money.ts'
import type { Attempt } from '../payout/attempt.ts'
import type { Answer } from '../payout/outcome.ts'
import { isQueryable } from '../protocols/capabilities.ts'
import type { CallbackReading, CallbackRequest, Connector, DoorAnswer } from '../protocols/protocol.ts'
import type { CallbackVerdict, NewCallback, PayoutAndAttempt, Store } from '../store/store.ts'
import { type Accounts, type ReadyAccount, storedTerms } from './accounts.ts'
import type { Advance } from './advance.ts'
import type { Alarm } from './alarm.ts'
import { callbackMacHolds, type ParsedCallbackAddress, parseCallbackPath } from './callback-url.ts'
import { recordSteps } from './record.ts'
import { exchangeStep } from './steps.ts'
import { toldExchange } from './told.ts'

export interface ReceiverOptions {
  readonly store: Pick<Store, 'findForStep' | 'payoutAttempts' | 'recordCallbacks'>
  readonly advance: Advance
  readonly accounts: () => Accounts
  readonly connectorOf: (protocol: string) => Connector | null
  readonly clock: Clock
  readonly alarm: (alarm: Alarm) => void
  /** Counted and logged, without anything that the caller wrote. */
  readonly refused: (why: Refused, protocol: string) => void
  /** A mistake of ours. */
  readonly failed: (error: unknown) => void
  /** There is something to look at. */
  readonly wake: () => void
}

export interface Receiver {
  /** `path` without the query. Always answers: 404 where no such address was ever given, 503 where we cannot keep it. */
  receive(path: string, request: CallbackRequest): Promise<DoorAnswer>
}

export type Refused =
  | 'address'
  | 'account'
  | 'signature'
  | 'payout'
  | 'attempt'
  | 'reference'
  | 'overloaded'
  | 'unavailable'

const BATCH_MAX = 500
const UNANSWERED_MAX = 2_000

export function createReceiver(options: ReceiverOptions): Receiver {
  const kept = groupCommit<NewCallback, CallbackVerdict>({
    maxBatch: BATCH_MAX,
    maxWaiting: UNANSWERED_MAX,
    commit: batch => options.store.recordCallbacks(batch),
    keysOf: callback => [Buffer.from(callback.hash).toString('base64')],
  })
  const seen = recentHashes()
  let unanswered = 0

  return {
    async receive(path, request) {
      const address = parseCallbackPath(path)
      if (address === null) return refuse('address', '')
      if (unanswered >= UNANSWERED_MAX) return refuse('overloaded', address.protocol)
      unanswered += 1
      try {
        return await take(address, request)
      } catch (error) {
        if (!(error instanceof Unavailable)) options.failed(error)
        return refuse('unavailable', address.protocol)
      } finally {
        unanswered -= 1
      }
    },
  }

  async function take(address: ParsedCallbackAddress, request: CallbackRequest): Promise<DoorAnswer> {
    const ready = options.accounts().get(address.providerAccountId)
    if (ready === undefined || ready.account.protocol !== address.protocol) return refuse('account', '')
    if (!callbackMacHolds(address, ready.callbackSecret)) return refuse('address', address.protocol)

    const reading = ready.connector.readCallback(request, ready.account)
    if (reading.kind === 'refused') return refuse('signature', address.protocol)

    const found = await options.store.findForStep(address.merchantId, address.number)
    if (found === null || found.payout.tag !== address.tag) return refuse('payout', address.protocol)
    const attempt = await attemptOf(address, found)
    if (attempt === null || attempt.providerAccountId !== ready.account.id)
      return refuse('attempt', address.protocol)
    if (attempt.reference !== reading.reference) return elsewhere(address, found, attempt)

    const hash = hashOf(request)
    const told = { reading, ready, attempt, request, hash }
    if (!seen.has(hash)) {
      const recorded = await keepTold(found, told)
      if (!recorded) return refuse('unavailable', address.protocol)
    }
    const verdict = await kept.submit(newCallback(address, told))
    if (verdict === 'no_attempt') return refuse('attempt', address.protocol)
    seen.add(hash)
    if (verdict === 'kept') options.wake()
    return ready.connector.callbackTaken()
  }

  /** The last attempt is at hand; a callback about an earlier one is rare. */
  async function attemptOf(address: ParsedCallbackAddress, found: PayoutAndAttempt): Promise<Attempt | null> {
    if (found.attempt?.attemptNo === address.attemptNo) return found.attempt
    const attempts = await options.store.payoutAttempts(address.merchantId, address.number)
    return attempts.find(({ attemptNo }) => attemptNo === address.attemptNo) ?? null
  }

  async function keepTold(found: PayoutAndAttempt, told: Told): Promise<boolean> {
    const exchange = toldExchange({
      attemptNo: told.attempt.attemptNo,
      atMs: options.clock.now(),
      row: isAskable(found, told.ready) ? 'W3' : 'W4',
      answer: aboutOurs(told.reading, found.payout.amount),
      body: told.request.body,
      connector: told.ready.connector,
    })
    // Nobody waits for a database that is gone: the provider comes again.
    const { advance, store, clock, failed } = options
    const waiting = new AbortController()
    const timer = clock.after(KEEP_MS, () => waiting.abort())
    const needs = { advance, store, clock, failed, givenUp: waiting.signal }
    const recorded = await recordSteps(needs, found, ({ payout }) => [exchangeStep(payout, exchange)])
    timer.cancel()
    return recorded === 'recorded'
  }

  /** The address is of one attempt and the words are of another: one of the two was taken from somewhere else. */
  function elsewhere(
    address: ParsedCallbackAddress,
    { payout }: PayoutAndAttempt,
    { attemptNo, providerAccountId }: Attempt,
  ): DoorAnswer {
    const detail = 'a verified callback at our address names another reference'
    options.alarm({ kind: 'callback_reference', detail, payout, attemptNo, providerAccountId })
    return refuse('reference', address.protocol)
  }

  function refuse(why: Refused, protocol: string): DoorAnswer {
    options.refused(why, protocol)
    if (why === 'unavailable' || why === 'overloaded') return LATER
    return options.connectorOf(protocol)?.callbackRefused() ?? NOTHING_HERE
  }
}

/** How long a callback waits for its commit before the provider is asked to come again. */
const KEEP_MS = 5_000
const LATER: DoorAnswer = { status: 503, headers: { 'retry-after': '5' }, body: '' }
const NOTHING_HERE: DoorAnswer = { status: 404, headers: {}, body: '' }

type VerifiedReading = Extract<CallbackReading, { kind: 'verified' }>

interface Told {
  readonly reading: VerifiedReading
  readonly ready: ReadyAccount
  readonly attempt: Attempt
  readonly request: CallbackRequest
  readonly hash: string
}

/** By the terms that judge the attempt, or where those cannot be read, by the account's present ones. */
function isAskable(found: PayoutAndAttempt, ready: ReadyAccount): boolean {
  return isQueryable(storedTerms(found.contract)?.capabilities ?? ready.capabilities)
}

/** Its reference was compared with the attempt's, so the answer is known to carry it. */
function aboutOurs({ answer, amount }: VerifiedReading, ours: Money): Answer {
  if (answer.kind !== 'read') return answer
  const echo = { ...answer.echo, reference: 'same' as const }
  return { ...answer, echo: amount === null ? echo : { ...echo, amount: amountEcho(amount, ours) } }
}

/** Equal by value: `300.0000` is 300. */
function amountEcho(text: string, ours: Money): 'same' | 'other' {
  const parsed = parseDecimalLenient(text, ours.currency)
  return parsed.ok && moneyEquals(parsed.money, ours) ? 'same' : 'other'
}

function newCallback(address: ParsedCallbackAddress, { reading, request, hash }: Told): NewCallback {
  const { method, query, body } = request
  return {
    merchantId: address.merchantId,
    number: address.number,
    attemptNo: address.attemptNo,
    hash: Buffer.from(hash, 'base64'),
    raw: JSON.stringify({ method, query, body: Buffer.from(body).toString('base64') }),
    verified: true,
    said: reading.said,
  }
}

/** Over everything that was received but the headers, which change from try to try. */
function hashOf({ method, query, body }: CallbackRequest): string {
  const bytes = Buffer.concat([Buffer.from(`${method} ?${query}\n`), body])
  return Buffer.from(sha256(bytes)).toString('base64')
}

/**
 * Callbacks that this process has kept a short while ago. Only so that a provider's repeats leave no further
 * exchanges; the database knows each callback for ever.
 */
function recentHashes(): { has(hash: string): boolean; add(hash: string): void } {
  const hashes = new Set<string>()
  return {
    has: hash => hashes.has(hash),
    add(hash) {
      hashes.add(hash)
      const [oldest] = hashes
      if (hashes.size > RECENT_MAX && oldest !== undefined) hashes.delete(oldest)
    },
  }
}

const RECENT_MAX = 10_000
