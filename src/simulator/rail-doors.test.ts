// Every simulated provider as its client meets it: paid by its own protocol, in one step or two, and proven at the same
// address. Nothing here knows a protocol by its name.
import { request } from 'undici'
import { afterEach, expect, test } from 'vitest'
import { mountDoor } from '../http/mount.ts'
import { createServer } from '../http/server.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import { newRsaKeys } from '../lib/rsa.ts'
import { currencyOf } from '../money/currency.ts'
import type {
  CallMoment,
  CommitOrder,
  ConnectorOrder,
  ProviderAccount,
  WireAnswer,
  WireRequest,
} from '../protocols/protocol.ts'
import { protocolNamed } from '../protocols/registry.ts'
import { railProtocols, SIMULATED } from './credentials.ts'
import { behaviourNamed } from './magic.ts'
import { railProofImage } from './proof-image.ts'
import { startRailServer } from './rail-server.ts'

const KEYS = newRsaKeys()
const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

test.each(SIMULATED)(
  '%s: what its client has paid is paid once, and proven at the same address',
  async name => {
    const { server, pay, prove } = await provider(name)
    expect(await prove('r1')).toMatchObject({ kind: 'not_yet' })
    await pay('r1', 'paid_at_once')
    const [order] = server.books()
    expect(order).toMatchObject({ reference: 'r1', state: 'paid', timesArrived: 1, timesPaid: 1 })
    if (order === undefined) throw new Error('there is no order')
    expect(await prove('r1')).toMatchObject({ kind: 'found', said: 'paid', dropped: [] })
    const proof = await prove('r1')
    expect(proof.kind === 'found' && proof.images.map(({ bytes }) => Buffer.from(bytes))).toEqual([
      Buffer.from(railProofImage(order).bytes),
    ])
  },
)

test.each(SIMULATED)('%s: what its client never had paid is not there, or not proven', async name => {
  const { server, pay, prove } = await provider(name)
  await pay('r1', 'failed_at_once')
  expect(server.books()).toMatchObject([{ state: 'failed', timesPaid: 0 }])
  expect(await prove('r1')).toMatchObject({ said: 'unknown', images: [] })
})

test.each(SIMULATED)(
  '%s: the request that pays is the one that is lost, and the order is paid all the same',
  async name => {
    const { server, pay, isTwoStep } = await provider(name)
    const read = await pay('r1', 'answer_lost')
    expect(read).toBe('cut')
    const [order] = server.books()
    expect(order).toMatchObject({ timesAccepted: 1, timesConfirmed: isTwoStep ? 1 : 0 })
    for (let round = 0; round < 100 && server.books()[0]?.timesPaid === 0; round += 1)
      await systemClock.sleep(10)
    expect(server.books()).toMatchObject([{ state: 'paid', timesPaid: 1 }])
  },
)

test.each(SIMULATED)('%s: what never arrived is not paid', async name => {
  const { server, pay, isTwoStep } = await provider(name)
  expect(await pay('r1', 'never_arrived')).toBe('cut')
  await systemClock.sleep(350)
  expect(server.books().map(({ state, timesPaid }) => [state, timesPaid])).toEqual(
    isTwoStep ? [['waiting', 0]] : [],
  )
})

async function provider(name: string) {
  const protocols = railProtocols(name)
  const connector = protocolNamed(name)?.connector
  const prover = protocols.find(({ proof }) => proof !== null)
  if (connector == null || prover?.proof == null) throw new Error(`${name} is not simulated`)
  const server = await startRailServer(
    {
      ...{ protocols, keys: { ...KEYS, privateKey: '' } },
      ...{ port: 0, seed: 1, latencyMs: 0 },
      ...{ clock: systemClock, log: createLog({ level: 'silent' }) },
    },
    { createServer, mountDoor },
  )
  stops.push(server.stop)
  const accountOf = (protocol: string): ProviderAccount => ({
    ...{ id: 'account', protocol, baseUrl: server.url },
    settings: protocolNamed(protocol)?.sandbox?.rail.accountSettings(KEYS) ?? {},
  })
  const mine = accountOf(name)
  expect(connector.checkAccount(mine)).toBeNull()

  /** Both steps where there are two; what the last answer says, or that there was none. */
  async function pay(reference: string, behaviour: string) {
    const order = orderOf(reference, behaviourNamed(behaviour)?.wallet ?? '')
    expect(connector?.cannotCarry(order, mine)).toBeNull()
    const first = await call(connector?.pay(order, mine, moment()))
    if (first === null) return 'cut'
    const read = connector?.readPay(first, order, mine)
    if (connector?.commit == null) return read
    const commit: CommitOrder = {
      reference,
      theirId: server.books()[0]?.number.toString() ?? '',
      amount: order.amount,
    }
    const second = await call(connector.commit.request(commit, mine, moment()))
    return second === null ? 'cut' : connector.commit.read(second, commit, mine)
  }

  async function prove(reference: string) {
    const account = accountOf(prover?.name ?? '')
    const answer = await call(prover?.proof?.request({ reference }, account, moment()))
    const reading = answer === null ? null : prover?.proof?.read(answer, { reference }, account)
    if (reading == null) throw new Error('no answer')
    return reading
  }

  return { server, pay, prove, isTwoStep: connector.commit !== null }
}

function moment(): CallMoment {
  return { nowMs: systemClock.now(), nonce: systemRandom.text('0123456789abcdefghijklmnopqrstuvwxyz', 32) }
}

function orderOf(reference: string, wallet: string): ConnectorOrder {
  const currency = currencyOf('BDT')
  if (currency === null) throw new Error('BDT')
  return {
    reference,
    amount: { minor: 1_250n, currency },
    beneficiary: { kind: 'wallet', operator: 'bkash', number: wallet },
    description: null,
    callbackUrl: 'http://127.0.0.1:8080/none',
  }
}

async function call(wire: WireRequest | undefined): Promise<WireAnswer | null> {
  if (wire === undefined) throw new Error('nothing to send')
  try {
    const { method, url, headers, body } = wire
    const answer = await request(url, { method, headers, body, reset: true })
    return { status: answer.statusCode, headers: {}, body: await answer.body.bytes() }
  } catch {
    return null
  }
}
