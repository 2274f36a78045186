// The conformance run: what every registered protocol owes, whatever it speaks. Each brings what only it can know in
// its conformance.fixture.ts; the list of signature negatives is the same for all, and an item that does not apply
// needs a reason.
import { existsSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OUTCOMES, SAYINGS } from '../payout/outcome.ts'
import { PAYOUT_STATES, type PayoutState } from '../payout/payout.ts'
import { declareCapabilities } from './capabilities.ts'
import { type MemoryDesk, memoryDesk } from './desk.fixture.ts'
import { payproConformance } from './paypro/conformance.fixture.ts'
import type {
  CallbackRequest,
  Connector,
  ConnectorOrder,
  Desk,
  Door,
  DoorAnswer,
  DoorCredential,
  Protocol,
  ProviderAccount,
  WireAnswer,
  WireRequest,
} from './protocol.ts'
import { PROTOCOLS, protocolNamed } from './registry.ts'

/** One list for every scheme. */
const NEGATIVES = [
  'missing',
  'empty',
  'wrong JSON type',
  'one character changed',
  'cut',
  'one character more',
  'other letter case',
  'hex for Base64 and back',
  'padding changed',
  'blank or newline around',
  'other key',
  "another merchant's key",
  'key just expired',
  'empty secret',
  'signed for another method, path or host',
  'fields reordered',
  'field added',
  'field removed',
  'text moved across a field boundary',
  'field twice',
  'signature twice',
  'number printed again',
  'text normalised',
  '+ for %20',
  'same request again',
  'too old',
  'too new',
  'seconds for milliseconds',
  'other algorithm named',
] as const

/** One message to one of our two ends. */
type Message =
  | {
      readonly door: {
        readonly path: string
        readonly headers: Readonly<Record<string, string>>
        readonly body: string
      }
    }
  | { readonly callback: CallbackRequest }

/** Messages that must be refused; `replayed` where the good message again gets the first answer; else why it does not apply. */
type Negative = readonly Message[] | string

interface Conformance {
  readonly credentials: readonly DoorCredential[]
  readonly pair: {
    readonly credential: DoorCredential
    readonly account: ProviderAccount
    readonly order: ConnectorOrder
  }
  readonly accounts: { readonly good: readonly ProviderAccount[]; readonly bad: readonly ProviderAccount[] }
  readonly signature: {
    readonly good: readonly Message[]
    readonly isRefused: (body: string) => boolean
    readonly negatives: Readonly<Record<(typeof NEGATIVES)[number], Negative>>
  }
  readonly statuses: {
    readonly listed: readonly string[]
    readonly pay: (status: unknown) => WireAnswer
    readonly inquiry: (status: unknown) => WireAnswer
  }
  readonly transcript: {
    readonly whole: string
    readonly scrubbed: string
    readonly secrets: readonly string[]
  }
}

const CONFORMANCE: Readonly<Record<string, Conformance>> = { paypro: payproConformance }

const FILES = [
  'README.md',
  'index.ts',
  'wire.ts',
  'sign.ts',
  'status.ts',
  'connector.ts',
  'door.ts',
  'vectors',
]
const NOW_MS = 1_729_947_461_317
const at = { nowMs: NOW_MS, nonce: '0123456789abcdefghijABCDEFGHIJ01' }

/** What a client may read of each state: doubt is processing, and only the end of a payout is an end. */
const SEEN: Readonly<Record<PayoutState, string>> = {
  accepted: 'pending',
  waiting: 'pending',
  queued: 'pending',
  sending: 'pending',
  pending: 'pending',
  in_doubt: 'pending',
  paid: 'paid',
  failed: 'failed',
  cancelled: 'failed',
  returned: 'returned',
}

test('every folder is a registered protocol, and every registered protocol is a folder with its files', () => {
  const home = new URL('.', import.meta.url)
  const folders = readdirSync(home, { withFileTypes: true }).filter(entry => entry.isDirectory())
  expect(PROTOCOLS.map(({ name }) => name).sort()).toEqual(folders.map(({ name }) => name).sort())
  for (const { name } of PROTOCOLS) {
    for (const file of FILES)
      expect([name, file, existsSync(new URL(`${name}/${file}`, home))]).toEqual([name, file, true])
  }
})

test('a protocol is found by its own name alone', () => {
  for (const protocol of PROTOCOLS) expect(protocolNamed(protocol.name)).toBe(protocol)
  for (const name of ['', 'PAYPRO', 'nobody', '__proto__']) expect(protocolNamed(name)).toBeNull()
})

test('no two doors share a path', () => {
  const paths = PROTOCOLS.flatMap(({ door }) => door?.routes ?? []).map(
    ({ method, path }) => `${method} ${path}`,
  )
  expect(new Set(paths).size).toBe(paths.length)
})

describe.each(PROTOCOLS)('$name', protocol => {
  const conformance = CONFORMANCE[protocol.name]
  if (conformance === undefined) throw new Error(`${protocol.name} brings no conformance.fixture.ts`)
  const { accounts, pair, signature, statuses, transcript } = conformance
  const { account, order } = pair
  const subject = { reference: order.reference, theirId: null, amount: order.amount }

  // ---- the contract --------------------------------------------------------------------------------------------------

  test('its capabilities load, and are the same when they are loaded from what is stored', () => {
    for (const good of accounts.good) {
      const capabilities = connectorOf(protocol).capabilities(good)
      expect(declareCapabilities(JSON.parse(JSON.stringify(capabilities)))).toEqual(capabilities)
      expect(connectorOf(protocol).checkAccount(good)).toBeNull()
    }
  })

  test('an account that is not complete is refused with a sentence that holds no secret', () => {
    for (const bad of accounts.bad) {
      const why = connectorOf(protocol).checkAccount(bad)
      expect(why).toMatch(/\w/)
      for (const secret of transcript.secrets) expect(why).not.toContain(secret)
    }
  })

  test('the order of the run can be carried, and the request goes to the account and stays the same', () => {
    const connector = connectorOf(protocol)
    expect(connector.cannotCarry(order, account)).toBeNull()
    for (const ask of [
      () => connector.pay(order, account, at),
      () => connector.inquire(subject, account, at),
    ]) {
      expect(ask().url.startsWith(`${account.baseUrl}/`)).toBe(true)
      expect(ask()).toEqual(ask())
    }
  })

  // ---- signatures ----------------------------------------------------------------------------------------------------

  test('the good messages of the negative list pass, so that the others fail for one reason', async () => {
    expect(signature.good.length).toBeGreaterThan(0)
    for (const message of signature.good) expect(await verdict(message)).toBe('taken')
  })

  test.each(NEGATIVES)('signature: %s', async item => {
    const negative = signature.negatives[item]
    if (negative === 'replayed') {
      await replays()
      return
    }
    if (typeof negative === 'string') {
      expect(negative.length).toBeGreaterThan(10)
      return
    }
    expect(negative.length).toBeGreaterThan(0)
    for (const [place, message] of negative.entries()) {
      expect([item, place, await verdict(message)]).toEqual([item, place, 'refused'])
    }
  })

  async function verdict(message: Message): Promise<'taken' | 'refused' | 'neither'> {
    if ('callback' in message) {
      const { kind } = connectorOf(protocol).readCallback(message.callback, account)
      return kind === 'verified' ? 'taken' : 'refused'
    }
    const desk = newDesk()
    const answer = await atDoor(protocol.door, message.door, desk)
    if (desk.recorded.length > 0) return 'taken'
    return signature.isRefused(answer.body) && desk.calls() === 0 ? 'refused' : 'neither'
  }

  async function replays(): Promise<void> {
    const message = signature.good.find(one => 'door' in one)
    if (message === undefined || !('door' in message)) throw new Error('a good message to the door')
    const desk = newDesk()
    const first = await atDoor(protocol.door, message.door, desk)
    expect(await atDoor(protocol.door, message.door, desk)).toEqual(first)
    expect(desk.recorded).toHaveLength(1)
  }

  function newDesk(): MemoryDesk {
    return memoryDesk({ credentials: conformance?.credentials ?? [], nowMs: NOW_MS })
  }

  // ---- connector against door ----------------------------------------------------------------------------------------

  test('an order that leaves the connector arrives at the door as it was', async () => {
    const desk = newDesk()
    await exchange(connectorOf(protocol).pay(order, account, at), desk)
    expect(desk.recorded).toHaveLength(1)
    expect(desk.recorded[0]).toMatchObject({
      merchantId: pair.credential.merchantId,
      reference: order.reference,
      amount: order.amount,
      beneficiary: order.beneficiary,
      description: order.description,
      notifyUrl: order.callbackUrl,
    })
  })

  test.each(PAYOUT_STATES)('the connector reads the door right about a payout that is %s', async state => {
    const connector = connectorOf(protocol)
    const desk = newDesk()
    const created = connector.readPay(await exchange(connector.pay(order, account, at), desk), order, account)
    expect(created).toMatchObject({ kind: 'read', said: 'pending', theirId: expect.any(String) })
    if (created.kind !== 'read') return

    desk.move(order.reference, state, NOW_MS + 1_000)
    const inquired = connector.readInquiry(
      await exchange(connector.inquire(subject, account, at), desk),
      subject,
      account,
    )
    expect(inquired).toMatchObject({ kind: 'read', said: SEEN[state], theirId: created.theirId })
    if (inquired.kind !== 'read') return
    for (const field of connector.capabilities(account).echoes.inquiry) {
      expect([field, inquired.echo[field]]).toEqual([field, 'same'])
    }

    // And the first answer, where the payout ends before it is given.
    const submission = desk.recorded[0]
    const body = submission?.firstAnswer({ number: 1n, tag: 1, createdAtMs: NOW_MS, state }) ?? ''
    const first = connector.readPay({ status: 200, headers: {}, body: Buffer.from(body) }, order, account)
    expect(first).toMatchObject({ said: SEEN[state] })
  })

  test.each(protocol.door?.notices?.states ?? [])(
    'the connector reads the notice of the door about %s',
    async state => {
      const notices = protocol.door?.notices
      const connector = connectorOf(protocol)
      const desk = newDesk()
      await exchange(connector.pay(order, account, at), desk)
      desk.move(order.reference, state, NOW_MS + 1_000)
      const notice = {
        payout: desk.payout(order.reference),
        state,
        atMs: NOW_MS + 1_000,
        url: order.callbackUrl ?? '',
      }
      const request = notices?.request(notice, pair.credential)
      expect(request?.url).toBe(order.callbackUrl)
      const reading = connector.readCallback(callbackOf(request), account)
      expect(reading).toMatchObject({ kind: 'verified', reference: order.reference, said: SEEN[state] })
      const taken = connector.callbackTaken()
      const refused = connector.callbackRefused()
      expect(notices?.acknowledged({ ...taken, body: Buffer.from(taken.body) })).toBe(true)
      expect(notices?.acknowledged({ ...refused, body: Buffer.from(refused.body) })).toBe(false)
    },
  )

  test('what the desk refuses, or cannot say, is never read as paid or as failed', async () => {
    const connector = connectorOf(protocol)
    for (const why of [
      'insufficient_funds',
      'method_not_available',
      'amount_out_of_limits',
      'rate_limited',
    ] as const) {
      const desk = newDesk()
      desk.refuseNext(why)
      const seen = connector.readPay(await exchange(connector.pay(order, account, at), desk), order, account)
      if (seen.kind === 'read') expect(seen.said).toBe('unknown')
    }
    const broken = newDesk()
    broken.breakWith(new Error('a fault'))
    const answer = await exchange(connector.pay(order, account, at), broken)
    expect(answer.status).toBe(500)
    const seen = connector.readPay(answer, order, account)
    if (seen.kind === 'read') expect(['unknown', 'pending']).toContain(seen.said)
  })

  test('an inquiry about what the door does not know proves nothing', async () => {
    const connector = connectorOf(protocol)
    const seen = connector.readInquiry(
      await exchange(connector.inquire(subject, account, at), newDesk()),
      subject,
      account,
    )
    expect(['unknown', 'not_found']).toContain(seen.kind === 'read' ? seen.said : 'unknown')
  })

  test('the balance that the door shows is the one that the connector reads', async () => {
    const { balance } = connectorOf(protocol)
    if (balance === null) return
    const answer = await exchange(balance.request(account, at), newDesk())
    expect(balance.read(answer, account)).toMatch(/^9998989(\.0+)?$/)
  })

  async function exchange(request: WireRequest, desk: Desk): Promise<WireAnswer> {
    const path = request.url.slice(account.baseUrl.length)
    const answer = await atDoor(
      protocol.door,
      { path, headers: request.headers, body: request.body ?? '' },
      desk,
    )
    return { ...answer, body: Buffer.from(answer.body) }
  }

  // ---- what is not known, and garbage --------------------------------------------------------------------------------

  test('no status outside the list means paid, pending or returned, whatever it is', () => {
    const connector = connectorOf(protocol)
    const near = statuses.listed.flatMap(listed => [
      ` ${listed}`,
      `${listed} `,
      `${listed}\n`,
      `${listed}0`,
      listed.slice(1),
      listed.toLowerCase() === listed ? listed.toUpperCase() : listed.toLowerCase(),
    ])
    const status = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[0-9]{3,8}$/),
      fc.jsonValue(),
      fc.constantFrom(...near),
    )
    fc.assert(
      fc.property(status, value => {
        if (statuses.listed.some(listed => listed === value)) return
        for (const seen of [
          connector.readPay(statuses.pay(value), order, account),
          connector.readInquiry(statuses.inquiry(value), subject, account),
        ]) {
          if (seen.kind === 'read') expect(['unknown', 'failed', 'not_found', 'created']).toContain(seen.said)
        }
      }),
      { numRuns: 2_000 },
    )
    const [best] = statuses.listed
    expect(connector.readInquiry(statuses.inquiry(best), subject, account)).toMatchObject({ said: 'paid' })
  })

  test('garbage never throws, and says nothing that moves money', () => {
    const connector = connectorOf(protocol)
    const good = [...statuses.pay(statuses.listed[0]).body]
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json({ maxDepth: 12 }).map(text => Buffer.from(text)),
      fc.nat(good.length).map(end => Buffer.from(good.slice(0, end))),
      fc.constantFrom(...GARBAGE).map(text => Buffer.from(text)),
    )
    const status = fc.constantFrom(
      100,
      200,
      200,
      200,
      201,
      204,
      302,
      400,
      404,
      409,
      429,
      500,
      502,
      0,
      -1,
      Number.NaN,
    )
    const header = fc.dictionary(fc.string(), fc.string())
    fc.assert(
      fc.property(body, status, header, (bytes, code, headers) => {
        if (bytes.length === good.length) return
        const answer = { status: code, headers, body: bytes }
        for (const seen of [
          connector.readPay(answer, order, account),
          connector.readInquiry(answer, subject, account),
        ]) {
          expect(['unread', 'unreadable', 'read']).toContain(seen.kind)
          if (seen.kind === 'read') expect(SAYINGS).toContain(seen.said)
          if (seen.kind === 'read') expect(['paid', 'failed', 'returned']).not.toContain(seen.said)
        }
        connector.balance?.read(answer, account)
        const request = { method: 'POST', query: bytes.toString(), headers: new Map(), body: bytes }
        const reading = connector.readCallback(request, account)
        if (reading.kind === 'verified') expect(OUTCOMES).toContain(reading.said)
        expect(reading.kind).toBe('refused')
      }),
      { numRuns: 2_000 },
    )
  })

  test('a good answer with one byte changed is read or refused, and never throws', () => {
    const connector = connectorOf(protocol)
    const good = statuses.inquiry(statuses.listed[0])
    for (let place = 0; place < good.body.length; place += 1) {
      for (const byte of [0x00, 0x20, 0x22, 0x5c, 0x7d, 0xff]) {
        const body = Uint8Array.from(good.body)
        body[place] = byte
        connector.readPay({ ...good, body }, order, account)
        connector.readInquiry({ ...good, body }, subject, account)
      }
    }
  })

  test('a callback with one byte changed is refused', () => {
    const message = signature.good.find(one => 'callback' in one)
    if (message === undefined || !('callback' in message)) return
    const { callback } = message
    for (let place = 0; place < callback.body.length; place += 1) {
      const body = Uint8Array.from(callback.body)
      body[place] = (body[place] ?? 0) ^ 0x01
      const reading = connectorOf(protocol).readCallback({ ...callback, body }, account)
      expect([place, reading.kind]).toEqual([place, 'refused'])
    }
  })

  // ---- what is kept --------------------------------------------------------------------------------------------------

  test('a scrubbed transcript keeps no secret, and scrubbing it again changes nothing', () => {
    const { scrub } = connectorOf(protocol)
    expect(scrub(transcript.whole)).toBe(transcript.scrubbed)
    expect(scrub(transcript.scrubbed)).toBe(transcript.scrubbed)
    const connector = connectorOf(protocol)
    const sent = [connector.pay(order, account, at), connector.inquire(subject, account, at)]
    const texts = [
      transcript.whole,
      ...sent.map(request => JSON.stringify(request)),
      ...sent.map(({ body }) => body ?? ''),
    ]
    const wallet = order.beneficiary.kind === 'wallet' ? [order.beneficiary.number] : []
    for (const text of texts) {
      for (const secret of [...transcript.secrets, ...wallet]) expect(scrub(text)).not.toContain(secret)
    }
  })
})

const GARBAGE = [
  '',
  '\0',
  '<html><body>502 Bad Gateway</body></html>',
  'null',
  '[]',
  '{}',
  '{"data":{}}',
  '{"code":"0000"}',
  '{"code":"0000","success":true,"data":null}',
  '{"data":{"status":null}}',
  '"0000"',
  '0',
  '['.repeat(10_000),
  '{"a":'.repeat(10_000),
  '{"__proto__":{"status":"0000"}}',
]

function connectorOf(protocol: Protocol): Connector {
  if (protocol.connector === null) throw new Error(`${protocol.name} has no connector`)
  return protocol.connector
}

function callbackOf(request: WireRequest | undefined): CallbackRequest {
  return {
    method: request?.method ?? '',
    query: '',
    headers: new Map(
      Object.entries(request?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), [value]]),
    ),
    body: Buffer.from(request?.body ?? ''),
  }
}

async function atDoor(
  door: Door | null,
  message: { path: string; headers: Readonly<Record<string, string>>; body: string },
  desk: Desk,
): Promise<DoorAnswer> {
  const route = door?.routes.find(one => one.path === message.path)
  if (route === undefined) throw new Error(`no door at ${message.path}`)
  return route.handle(
    {
      method: route.method,
      path: message.path,
      query: '',
      params: {},
      headers: new Map(Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), [value]])),
      body: Buffer.from(message.body),
      bodyTooLarge: false,
      remoteAddress: '192.0.2.1',
      nowMs: NOW_MS,
      requestId: 'request-1',
    },
    desk,
  )
}
