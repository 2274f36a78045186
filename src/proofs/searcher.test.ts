// Over real Postgres and a real provider on loopback: a payout that is paid through an account with a proof account is
// searched for once its payment is on record, and by one process at a time.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { openWorld, PAID, type World } from '../../test/dispatch-kit.ts'
import { ACCOUNT, MERCHANT } from '../../test/store-kit.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import { declareCapabilities } from '../protocols/capabilities.ts'
import type { ProofConnector } from '../protocols/protocol.ts'
import { createSearcher } from './searcher.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A toy: the path is the reference, the body is the picture. */
const toy: ProofConnector = {
  checkAccount: () => null,
  capabilities: () =>
    declareCapabilities({ reference: { alphabet: '0123456789abcdef', length: 24 }, proof: true }),
  scheduleMs: [60_000],
  request: ({ reference }, { baseUrl }) => ({
    ...{ method: 'GET', url: `${baseUrl}/${reference}`, headers: {}, body: null },
  }),
  read: ({ status, body }) =>
    status === 200
      ? { kind: 'found', said: 'paid', images: [{ mediaType: 'image/png', bytes: body }], dropped: [] }
      : { kind: 'not_yet', why: `answered ${status}` },
  scrub: text => text,
}

async function openPictures(answer: (path: string) => { status: number; body: string }) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const { status, body } = answer(request.url ?? '')
    response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function openPaid(proofUrl: string): Promise<World> {
  const world = await openWorld()
  closing.push(() => world.close())
  const proof = { id: 'pa_proof', protocol: 'toy', name: 'Proof', baseUrl: proofUrl, settings: {} }
  const limits = { callbackSecret: 's', ratePerSecond: null, concurrency: null, active: true }
  await world.db.store.putProviderAccount({ ...proof, ...limits })
  const stored = world.configuration().providerAccounts.find(({ id }) => id === ACCOUNT)
  if (stored === undefined) throw new Error('no account')
  await world.db.store.putProviderAccount({ ...stored, proofAccountId: 'pa_proof' })
  world.provider.onPay = () => PAID
  await world.accept(1n)
  world.dispatcher().start()
  await world.reach(1n, 'paid')
  return world
}

async function search(world: World, count = 1): Promise<void> {
  const configuration = await world.db.store.readConfiguration()
  for (let index = 0; index < count; index += 1) {
    const searcher = createSearcher({
      store: world.db.store,
      configuration: () => configuration,
      proofOf: protocol => (protocol === 'toy' ? toy : null),
      ask: world.call.ask,
      clock: systemClock,
      random: systemRandom,
      log: createLog({ level: 'silent' }),
    })
    searcher.start()
    closing.push(() => searcher.stop())
  }
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await holds()) return
    await wait(20)
  }
  throw new Error('it never held')
}

test('the picture of what was paid is asked for by our reference, once, and kept', async () => {
  const pictures = await openPictures(() => ({ status: 200, body: 'a picture' }))
  const world = await openPaid(pictures.url)
  await search(world, 3)
  await until(async () => (await world.db.store.proofImages(MERCHANT, 1n)).length > 0)
  const [attempt] = await world.db.store.payoutAttempts(MERCHANT, 1n)
  expect(pictures.asked).toEqual([`/${attempt?.reference}`])
  const [image] = await world.db.store.proofImages(MERCHANT, 1n)
  expect(image).toMatchObject({ source: 'provider', mediaType: 'image/png' })
  expect(Buffer.from(image?.bytes ?? []).toString()).toBe('a picture')
  expect(await world.db.store.proofSearches(MERCHANT, 1n)).toMatchObject([{ tries: 1, nextAtMs: null }])
  expect(await world.payout(1n)).toMatchObject({ state: 'paid' })
})

test('where there is none yet it is asked for again later, and the payout stays as it is', async () => {
  const pictures = await openPictures(() => ({ status: 404, body: 'no' }))
  const world = await openPaid(pictures.url)
  await search(world)
  await until(async () => (await world.db.store.proofSearches(MERCHANT, 1n))[0]?.tries === 1)
  const [row] = await world.db.store.proofSearches(MERCHANT, 1n)
  expect(row?.said).toBe('answered 404')
  expect(row?.nextAtMs ?? 0).toBeGreaterThan(systemClock.now() + 30_000)
  expect(await world.payout(1n)).toMatchObject({ state: 'paid' })
})

test('a payout that was paid where no proof account is named is not searched for', async () => {
  const world = await openWorld()
  closing.push(() => world.close())
  world.provider.onPay = () => PAID
  await world.accept(1n)
  world.dispatcher().start()
  await world.reach(1n, 'paid')
  expect(await world.db.store.proofSearches(MERCHANT, 1n)).toEqual([])
})
