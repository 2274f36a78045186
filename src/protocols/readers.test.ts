// What people are given to try a protocol by hand: the request builder, its explanations, the door's document and the
// sandbox. Each is held against the door itself, because a page that is wrong is worse than none.
import { describe, expect, test } from 'vitest'
import { newRsaKeys } from '../lib/rsa.ts'
import { conformanceMoment, conformancePublicUrls, type DoorMessage } from './conformance.fixture.ts'
import {
  conformanceAtDoor,
  conformanceDesk,
  conformanceExchange,
  conformanceRouted,
  doorMessageOf,
  pathFits,
} from './conformance-line.fixture.ts'
import { type Examined, loadConformances } from './conformance-load.fixture.ts'
import type { Check, DoorCredential, ProviderAccount, RequestBuilder, SandboxCredential } from './protocol.ts'

const { examined } = await loadConformances(name => import(`./${name}/conformance.fixture.ts`))
const named = examined.map(one => ({ name: one.protocol.name, one }))

const built = named.flatMap(({ name, one }) => {
  const { builder } = one.protocol
  const { client } = one.conformance
  return builder === null || client === null ? [] : [{ name, one, builder, client }]
})

describe.each(built)('$name, by hand', ({ one, builder, client }) => {
  const { protocol, conformance } = one
  const [baseUrl = ''] = conformancePublicUrls(conformance)

  test.each(builder.calls.map(({ name }) => name))(
    'the door takes the signature of the example of %s, and the explanation finds nothing wrong',
    async call => {
      const at = conformanceMoment()
      const example = builder.calls.find(({ name }) => name === call)?.example(at) ?? {}
      const fields = new Map(Object.entries(example))
      const order = { call, fields, credential: client, baseUrl, path: null, at }
      const result = builder.build(order)
      expect(builder.build(order)).toEqual(result)
      if (!result.ok) throw new Error(result.why)
      expect(result.request.url.startsWith(`${baseUrl}/`)).toBe(true)
      // The secret is marked as one wherever it is hashed, and stands nowhere else.
      const shown = result.hashed.map(({ text, secret }) => (secret ? '' : text)).join('') + result.canonical
      for (const secret of [client.secret, client.settings.private_key ?? ''])
        if (secret !== '') expect(shown).not.toContain(secret)
      expect(result.signature.length).toBeGreaterThanOrEqual(16)

      // A call that our door does not serve can be signed by hand all the same.
      if (!isServed(one, call)) return
      const message = doorMessageOf(result.request, result.request.url.slice(baseUrl.length))
      const answer = await conformanceAtDoor(
        protocol.door,
        message,
        conformanceDesk(conformance),
        conformance,
      )
      expect(answer.status).toBeLessThan(500)
      expect(conformance.signature.isRefused(answer)).toBe(false)
      expect(explained(one, builder, message).filter(({ ok }) => !ok)).toEqual([])
    },
  )

  test('a call that is not in the list is our own mistake', () => {
    const order = { call: 'nobody', fields: new Map(), credential: client, baseUrl, path: null }
    expect(() => builder.build({ ...order, at: conformanceMoment() })).toThrow()
  })

  test('the explanation agrees with the door about every message of the run, and tells no secret', () => {
    const { good, negatives } = conformance.signature
    for (const message of good) {
      if ('door' in message) expect(explained(one, builder, message.door).filter(({ ok }) => !ok)).toEqual([])
    }
    for (const [item, negative] of Object.entries(negatives)) {
      for (const [place, message] of (typeof negative === 'string' ? [] : negative).entries()) {
        if (!('door' in message)) continue
        const checks = explained(one, builder, message.door)
        const last = checks.at(-1)
        expect([item, place, last?.ok, last?.why]).toEqual([item, place, false, expect.stringMatching(/\w/)])
        expect(checks.slice(0, -1).every(({ ok }) => ok)).toBe(true)
        const said = JSON.stringify(checks)
        for (const { secret } of conformance.credentials)
          if (secret !== '') expect(said).not.toContain(secret)
      }
    }
  })
})

describe.each(named)('$name, for readers', ({ one }) => {
  const { protocol, conformance } = one

  test('the document speaks of routes and calls that there are', () => {
    const { document, door, builder } = protocol
    if (document === null) return
    expect(document.operations.length).toBeGreaterThan(0)
    for (const { method, path, call, answers, summary } of document.operations) {
      const route = (door?.routes ?? []).find(
        each => each.path === path && ['ANY', method].includes(each.method),
      )
      expect([method, path, route?.path]).toEqual([method, path, path])
      if (call !== null) expect(builder?.calls.map(({ name }) => name)).toContain(call)
      expect([summary, answers.length > 0]).toEqual([expect.stringMatching(/\w/), true])
    }
  })

  test('each call of the builder that the door serves is in the document, and the first is one', () => {
    const { document, builder } = protocol
    if (builder === null) return
    const served = builder.calls.filter(({ name }) => isServed(one, name))
    expect(served[0]).toBe(builder.calls[0])
    for (const { name, path } of document === null ? [] : served) {
      const told = document?.operations.filter(({ call }) => call === name) ?? []
      expect([name, told.some(each => pathFits(each.path, path))]).toEqual([name, true])
    }
  })

  test('our account at the simulated provider fits that door, and is not the sandbox merchant', async () => {
    const { sandbox, connector, proof } = protocol
    if (sandbox === null) return
    const keys = sandbox.needsKeys ? newRsaKeys() : null
    const railKeys = sandbox.needsKeys ? newRsaKeys() : null
    const merchants = sandbox.credentials(keys)
    const rail = sandbox.rail.credentials(railKeys)
    for (const name of ['publicId', 'secret'] as const) {
      const ours = new Set(rail.map(each => each[name]))
      expect(merchants.filter(each => ours.has(each[name]))).toEqual([])
    }

    const account: ProviderAccount = {
      id: 'pa_sandbox',
      protocol: protocol.name,
      baseUrl: 'http://127.0.0.1:18080',
      settings: sandbox.rail.accountSettings(railKeys),
    }
    const known = rail.map(each => credentialOf(one, each))
    const line = { ...conformance, credentials: known, publicUrls: [account.baseUrl] }
    if (proof !== null && conformance.proof !== null) {
      expect(proof.checkAccount(account)).toBeNull()
      const subject = { reference: conformance.proof.reference }
      const request = proof.request(subject, account, conformanceMoment())
      const { baseUrl } = account
      const answer = await conformanceExchange(protocol.door, request, baseUrl, conformanceDesk(line), line)
      expect(proof.read(answer, subject, account).kind).toBe('not_yet')
    }
    if (connector === null) return
    expect(connector.checkAccount(account)).toBeNull()
    for (const currency of sandbox.rail.currencies) {
      const order = conformance.connector?.pairs.find(pair => pair.order.amount.currency === currency)?.order
      if (order === undefined)
        throw new Error(`connector.pairs has an order in ${currency}, as the sandbox pays it`)
      const desk = conformanceDesk(line)
      const request = connector.pay(order, account, conformanceMoment())
      await conformanceExchange(protocol.door, request, account.baseUrl, desk, line)
      expect([currency, desk.recorded.map(({ amount }) => amount)]).toEqual([currency, [order.amount]])
    }
  })
})

test('there is a protocol to look at', () => {
  expect(examined.length).toBeGreaterThan(0)
})

function isServed({ protocol: { builder, door } }: Examined, call: string): boolean {
  const path = builder?.calls.find(({ name }) => name === call)?.path ?? ''
  return (door?.routes ?? []).some(route => pathFits(route.path, path))
}

function explained(
  { protocol, conformance }: Examined,
  builder: RequestBuilder,
  message: DoorMessage,
): readonly Check[] {
  const { request } = conformanceRouted(protocol.door, message, conformance)
  const checks = builder.explain(
    request,
    publicId => conformance.credentials.find(each => each.publicId === publicId) ?? null,
  )
  expect(checks.length).toBeGreaterThan(0)
  return checks
}

function credentialOf({ protocol }: Examined, credential: SandboxCredential): DoorCredential {
  return { ...credential, door: protocol.name, merchantId: 'm_rail', active: true }
}
