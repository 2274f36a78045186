// What tests of dispatch begin with: a database with one merchant who has money, and a provider of a protocol that
// exists for these tests alone, as a real HTTP server on loopback. It keeps books of its own: what arrived, and how often.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { type Accounts, readyAccounts } from '../src/dispatch/accounts.ts'
import { type Advance, createAdvance } from '../src/dispatch/advance.ts'
import type { Alarm } from '../src/dispatch/alarm.ts'
import { type Call, createCall } from '../src/dispatch/call.ts'
import { createDispatcher, type Dispatcher, type DispatcherOptions } from '../src/dispatch/dispatcher.ts'
import type { InquireNeeds } from '../src/dispatch/inquire.ts'
import type { SendJournal } from '../src/dispatch/journal.ts'
import type { SafeMode } from '../src/dispatch/safe-mode.ts'
import type { SendNeeds } from '../src/dispatch/send-right.ts'
import { auditBooks } from '../src/ledger/audit.ts'
import { systemClock } from '../src/lib/clock.ts'
import { seededRandom } from '../src/lib/random.ts'
import type { Answer } from '../src/payout/outcome.ts'
import type { Payout, PayoutState } from '../src/payout/payout.ts'
import { type CapabilityOverrides, declareCapabilities } from '../src/protocols/capabilities.ts'
import type { CallbackReading, Connector } from '../src/protocols/protocol.ts'
import type { Configuration, DuePayout, StoredProviderAccount } from '../src/store/store.ts'
import { ACCOUNT, BDT, MERCHANT, newPayout, openTestStore, type TestStore } from './store-kit.ts'

/** What the provider does with one request. */
export type Reaction =
  | { readonly says: Partial<Saying> }
  | { readonly status: number; readonly body: string; readonly headers?: Record<string, string> }
  | 'reset'
  | 'hang'

interface Saying {
  said: string
  failure: string | null
  theirId: string | null
  theirRequestId: string | null
  reference: string | null
  amount: string | null
}

export interface TestProvider {
  readonly port: number
  /** Pays that arrived, in order, by reference. */
  readonly arrived: string[]
  readonly inquired: string[]
  /** Second steps that arrived, in order, by reference. */
  readonly committed: string[]
  /** The bodies of inquiries, in order. */
  readonly questions: Record<string, unknown>[]
  readonly callbackUrls: Map<string, string>
  onPay: (reference: string) => Reaction | Promise<Reaction>
  onInquiry: (reference: string) => Reaction | Promise<Reaction>
  onCommit: (reference: string) => Reaction | Promise<Reaction>
  close(): Promise<void>
}

export const PENDING: Reaction = { says: { said: 'pending' } }
export const PAID: Reaction = { says: { said: 'paid' } }
export const REFUSED: Reaction = { says: { said: 'failed', failure: 'refused' } }
export const FAILED: Reaction = { says: { said: 'failed', failure: 'failed' } }
export const NOT_FOUND: Reaction = { says: { said: 'not_found' } }

export async function openProvider(): Promise<TestProvider> {
  const server = createServer((request, response) => void serve(request, response))
  const provider: TestProvider & { port: number } = {
    port: 0,
    arrived: [],
    inquired: [],
    committed: [],
    questions: [],
    callbackUrls: new Map(),
    onPay: () => PENDING,
    onInquiry: () => PENDING,
    onCommit: () => PENDING,
    close: () => end(server),
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  provider.port = (server.address() as AddressInfo).port
  return provider

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += chunk
    const order = JSON.parse(text) as { reference: string; amount: string; callbackUrl?: string }
    const reacts = arrival(provider, request.url ?? '', order)
    if (order.callbackUrl) provider.callbackUrls.set(order.reference, order.callbackUrl)
    const reaction = await reacts(order.reference)
    if (reaction === 'hang') return
    if (reaction === 'reset') {
      request.socket.resetAndDestroy()
      return
    }
    const { status, body, headers } =
      'says' in reaction ? spoken(reaction.says, order) : { headers: {}, ...reaction }
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
    response.end(body)
  }
}

function arrival(provider: TestProvider, url: string, order: { reference: string }) {
  switch (url) {
    case '/pay':
      provider.arrived.push(order.reference)
      return provider.onPay
    case '/commit':
      provider.committed.push(order.reference)
      return provider.onCommit
    default:
      provider.inquired.push(order.reference)
      provider.questions.push({ ...order })
      return provider.onInquiry
  }
}

function spoken(says: Partial<Saying>, order: { reference: string; amount: string }) {
  const usual = { said: 'pending', failure: null, theirId: `p-${order.reference}`, ...order }
  const { said, failure, theirId, theirRequestId, reference, amount } = { ...usual, ...says }
  const body = JSON.stringify({ said, failure, theirId, theirRequestId, reference, amount })
  return { status: 200, body, headers: {} }
}

async function end(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

// ---- the protocol ----------------------------------------------------------------------------------------------

export const TEST_CAPABILITIES: CapabilityOverrides = {
  reference: { alphabet: '0123456789abcdefghijklmnopqrstuvwxyz', length: 24 },
  queryableByOurReference: true,
  failedIsFinalAfterMs: 0,
  refusalConfirmedBy: 'answer',
  echoes: { send: ['reference', 'amount'], inquiry: ['reference', 'amount'] },
  callsBack: true,
  callbackSigned: true,
  timeoutsMs: { connect: 2000, headers: 3000, total: 4000 },
  inquiryTimesMs: { first: [1000], thenEveryMs: 1000, untilMs: 60_000, afterwardsEveryMs: 1000 },
  ratePerSecond: 10_000,
  concurrency: 100,
}

/** For tests in which a provider is silent. */
export const IMPATIENT = { timeoutsMs: { connect: 500, headers: 600, total: 800 } }

/** A connector without signatures: a callback is good where it says so itself. */
export function testConnector(overrides: Partial<CapabilityOverrides> = {}): Connector {
  const capabilities = declareCapabilities({ ...TEST_CAPABILITIES, ...overrides })
  const request = (url: string, body: object) => ({
    method: 'POST' as const,
    url,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return {
    checkAccount: () => null,
    capabilities: () => capabilities,
    cannotCarry: order => (order.description === 'cannot' ? 'it says that it cannot' : null),
    pay: (order, account) =>
      request(`${account.baseUrl}/pay`, {
        reference: order.reference,
        amount: String(order.amount.minor),
        ...(order.callbackUrl === null ? {} : { callbackUrl: order.callbackUrl }),
      }),
    readPay: (answer, order) => read(answer, order.reference, String(order.amount.minor)),
    commit: capabilities.twoStep
      ? {
          request: (order, account) =>
            request(`${account.baseUrl}/commit`, {
              reference: order.reference,
              theirId: order.theirId,
              amount: String(order.amount.minor),
            }),
          read: (answer, order) => read(answer, order.reference, String(order.amount.minor)),
        }
      : null,
    inquire: (subject, account) =>
      request(`${account.baseUrl}/query`, {
        reference: subject.reference,
        amount: String(subject.amount.minor),
        step: subject.step,
        payRequestId: subject.payRequestId,
      }),
    readInquiry: (answer, subject) => read(answer, subject.reference, String(subject.amount.minor)),
    readCallback({ body }): CallbackReading {
      const told = JSON.parse(new TextDecoder().decode(body)) as Saying & { good: boolean }
      if (!told.good) return { kind: 'refused', why: 'wrong signature' }
      const answer = read({ status: 200, body }, told.reference ?? '', told.amount ?? '')
      const said = answer.kind === 'read' && answer.said !== 'created' && answer.said !== 'not_found'
      return {
        kind: 'verified',
        reference: told.reference ?? '',
        theirId: told.theirId,
        amount: null,
        said: said ? (answer.said as 'paid') : 'unknown',
        answer,
      }
    },
    callbackTaken: () => ({ status: 200, headers: {}, body: 'OK' }),
    callbackRefused: () => ({ status: 400, headers: {}, body: 'no' }),
    balance: null,
    scrub: text => text.replaceAll('secret', '[removed]'),
  }
}

function read(answer: { status: number; body: Uint8Array }, reference: string, amount: string): Answer {
  if (answer.status !== 200) return { kind: 'unread' }
  let said: Saying
  try {
    said = JSON.parse(new TextDecoder().decode(answer.body)) as Saying
  } catch {
    return { kind: 'unreadable' }
  }
  const compared = (theirs: string | null | undefined, ours: string) =>
    theirs === null || theirs === undefined ? 'absent' : theirs === ours ? 'same' : 'other'
  return {
    kind: 'read',
    said: said.said as 'paid',
    failure: said.failure as null,
    theirId: said.theirId ?? null,
    theirRequestId: said.theirRequestId ?? null,
    echo: {
      reference: compared(said.reference, reference),
      amount: compared(said.amount, amount),
      currency: 'absent',
      beneficiary: 'absent',
    },
  }
}

/** For tests that are not about the kill switch. */
export const NOTHING_TRIPPED = { stops: () => null, stopsAll: () => null }
/** Whatever it is told it takes, and it proves nothing: for tests of what else dispatch knows. */
export const SILENT_JOURNAL: SendJournal = {
  incarnation: () => 1n,
  write: async () => true,
  judge: async (_right, isOver) =>
    isOver ? { kind: 'unproven', why: 'nothing is kept' } : { kind: 'later' },
}

export const NO_SAFE_MODE: SafeMode = {
  stops: () => null,
  asksFirst: () => false,
  stopsSecond: () => false,
  noted: () => null,
}

// ---- the world -------------------------------------------------------------------------------------------------

export interface World {
  readonly db: TestStore
  readonly provider: TestProvider
  readonly connector: Connector
  readonly call: Call
  readonly advance: Advance
  readonly alarms: Alarm[]
  readonly mistakes: unknown[]
  configuration(): Configuration
  accounts(): Accounts
  /** Accepts payouts of 10.00 BDT each, numbered from the one given. */
  accept(first: bigint, count?: number, change?: Parameters<typeof newPayout>[1]): Promise<void>
  claim(number: bigint): Promise<DuePayout>
  dispatcher(change?: Partial<DispatcherOptions>): Dispatcher
  needs(change?: Partial<SendNeeds & InquireNeeds>): SendNeeds & InquireNeeds
  payout(number: bigint): Promise<Payout>
  reach(number: bigint, ...states: PayoutState[]): Promise<Payout>
  /** What the books break, over everything that is recorded. */
  broken(): Promise<readonly unknown[]>
  close(): Promise<void>
}

export async function openWorld(
  given: { capabilities?: Partial<CapabilityOverrides>; account?: Partial<StoredProviderAccount> } = {},
): Promise<World> {
  const db = await openTestStore(10_000_000n)
  const provider = await openProvider()
  await db.store.putProviderAccount({
    id: ACCOUNT,
    protocol: 'test',
    name: 'Test',
    baseUrl: `http://127.0.0.1:${provider.port}`,
    settings: {},
    callbackSecret: 'callback-secret',
    ratePerSecond: null,
    concurrency: null,
    active: true,
    ...given.account,
  })
  await db.store.putRoute({
    merchantId: MERCHANT,
    providerAccountId: ACCOUNT,
    priority: 1,
    currency: BDT,
    method: null,
    active: true,
  })
  const connector = testConnector(given.capabilities)
  const configuration = await db.store.readConfiguration()
  const { accounts } = readyAccounts(configuration, () => connector)
  const call = createCall({ clock: systemClock, mayReach: () => true })
  const advance = createAdvance(db.store)
  const random = seededRandom(1)
  const alarms: Alarm[] = []
  const mistakes: unknown[] = []
  const dispatchers: Dispatcher[] = []
  const givenUp = new AbortController()
  const log = {
    info: () => {},
    warn: () => {},
    error: (fields: object) => {
      if ('err' in fields) mistakes.push(fields.err)
    },
  }

  const world: World = {
    db,
    provider,
    connector,
    call,
    advance,
    alarms,
    mistakes,
    configuration: () => configuration,
    accounts: () => accounts,
    async accept(first, count = 1, change = {}) {
      const batch = Array.from({ length: count }, (_, index) => newPayout(first + BigInt(index), change))
      const verdicts = await db.store.acceptPayouts(batch)
      if (verdicts.some(({ kind }) => kind !== 'accepted')) throw new Error('not accepted')
    },
    async claim(number) {
      const due = await db.store.claimDue({ limit: 1000, leaseMs: 30_000 })
      const mine = due.find(({ payout }) => payout.number === number)
      if (mine === undefined) throw new Error(`payout ${number} is not due`)
      return mine
    },
    dispatcher(change = {}) {
      const dispatcher = createDispatcher({
        ...{ store: db.store, advance, call, log, random },
        configuration: () => configuration,
        connectorOf: () => connector,
        switches: NOTHING_TRIPPED,
        noticesFor: () => [],
        clock: systemClock,
        journal: SILENT_JOURNAL,
        safeMode: NO_SAFE_MODE,
        publicUrl: 'http://127.0.0.1:1',
        alarmed: alarm => alarms.push(alarm),
        ...change,
      })
      dispatchers.push(dispatcher)
      return dispatcher
    },
    needs: change => ({
      ...{ store: db.store, advance, call, random },
      clock: systemClock,
      journal: SILENT_JOURNAL,
      safeMode: NO_SAFE_MODE,
      publicUrl: 'http://127.0.0.1:1',
      noticesFor: () => [],
      stopping: () => false,
      switches: NOTHING_TRIPPED,
      givenUp: givenUp.signal,
      alarm: alarm => alarms.push(alarm),
      failed: error => mistakes.push(error),
      ...change,
    }),
    async payout(number) {
      const found = await db.store.findPayout(MERCHANT, { by: 'number', number })
      if (found === null) throw new Error(`there is no payout ${number}`)
      return found
    },
    async reach(number, ...states) {
      for (let tries = 0; tries < 400; tries++) {
        const payout = await world.payout(number)
        if (states.includes(payout.state)) return payout
        await wait(20)
      }
      throw new Error(`payout ${number} is ${(await world.payout(number)).state}, not ${states.join()}`)
    },
    async broken() {
      return auditBooks(await db.store.readBooks(MERCHANT))
    },
    async close() {
      givenUp.abort()
      await Promise.all(dispatchers.map(dispatcher => dispatcher.stop()))
      await call.close()
      await provider.close()
      await db.close()
    },
  }
  return world
}
