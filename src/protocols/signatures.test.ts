// One list of negatives for every scheme: what is not signed exactly so is refused, and nothing of it reaches the desk.
import { describe, expect, test } from 'vitest'
import { type Message, NEGATIVES } from './conformance.fixture.ts'
import { conformanceAtDoor, conformanceDesk } from './conformance-line.fixture.ts'
import { type Examined, loadConformances } from './conformance-load.fixture.ts'

const { examined } = await loadConformances(name => import(`./${name}/conformance.fixture.ts`))

test('there is a protocol to look at', () => {
  expect(examined.length).toBeGreaterThan(0)
})

describe.each(examined.map(one => ({ name: one.protocol.name, one })))('$name', ({ one }) => {
  const { signature } = one.conformance

  test('the good messages of the negative list pass, so that the others fail for one reason', async () => {
    for (const [place, message] of signature.good.entries())
      expect([place, await verdict(one, message)]).toEqual([place, 'taken'])
  })

  test.each(NEGATIVES)('signature: %s', async item => {
    const negative = signature.negatives[item]
    if (negative === 'replayed') {
      await replays(one)
      return
    }
    if (typeof negative === 'string') {
      expect(negative).toMatch(/\w+ \w+/)
      return
    }
    expect(negative.length).toBeGreaterThan(0)
    for (const [place, message] of negative.entries()) {
      expect([item, place, await verdict(one, message)]).toEqual([item, place, 'refused'])
    }
  })

  test('where no callback comes, whatever is sent as one is refused', () => {
    const { connector } = one.protocol
    const account = one.conformance.connector?.pairs[0]?.account
    if (connector === null || account === undefined || connector.capabilities(account).callsBack) return
    for (const method of ['GET', 'POST']) {
      const callback = { method, query: 'status=approved', headers: new Map(), body: Buffer.from('{}') }
      expect(connector.readCallback(callback, account).kind).toBe('refused')
    }
    expect(one.protocol.door?.notices ?? null).toBeNull()
  })

  test('a callback with one byte changed is refused, or says the same where its signature does not reach', () => {
    const { connector } = one.protocol
    const account = one.conformance.connector?.pairs[0]?.account
    for (const message of signature.good) {
      if (!('callback' in message) || connector === null || account === undefined) continue
      const { callback } = message
      const good = connector.readCallback(callback, account)
      const isQuery = callback.method === 'GET'
      const text = isQuery ? Buffer.from(callback.query) : callback.body
      const open = openPlaces(Buffer.from(text).toString('latin1'), signature.uncovered ?? [])
      for (let place = 0; place < text.length; place += 1) {
        const changed = Buffer.from(text)
        changed[place] = (changed[place] ?? 0) ^ 0x01
        const sent = isQuery ? { ...callback, query: changed.toString() } : { ...callback, body: changed }
        const reading = connector.readCallback(sent, account)
        if (reading.kind === 'verified' && good.kind === 'verified' && open.has(place)) {
          expect([place, reading.said, reading.reference]).toEqual([place, good.said, good.reference])
        } else expect([place, reading.kind]).toEqual([place, 'refused'])
      }
    }
  })
})

/** What became of a message. At the door: refused before the desk was asked for anything, or taken to it. */
async function verdict(
  { protocol, conformance }: Examined,
  message: Message,
): Promise<'taken' | 'refused' | 'neither'> {
  if ('callback' in message) {
    const account = conformance.connector?.pairs[0]?.account
    if (protocol.connector === null || account === undefined) return 'neither'
    return protocol.connector.readCallback(message.callback, account).kind === 'verified'
      ? 'taken'
      : 'refused'
  }
  const desk = conformanceDesk(conformance)
  const answer = await conformanceAtDoor(protocol.door, message.door, desk, conformance)
  const isRefused = conformance.signature.isRefused(answer)
  if (desk.calls() > 0 && answer.status < 500) return isRefused ? 'neither' : 'taken'
  return isRefused && desk.calls() === 0 ? 'refused' : 'neither'
}

async function replays({ protocol, conformance }: Examined): Promise<void> {
  const message = conformance.signature.good.find(one => 'door' in one)
  if (message === undefined || !('door' in message)) throw new Error('a good message to the door')
  const desk = conformanceDesk(conformance)
  const first = await conformanceAtDoor(protocol.door, message.door, desk, conformance)
  const recorded = desk.recorded.length
  expect(await conformanceAtDoor(protocol.door, message.door, desk, conformance)).toEqual(first)
  expect(desk.recorded).toHaveLength(recorded)
}

/** The places of these form fields, with the separator before each and after it. */
function openPlaces(text: string, names: readonly string[]): ReadonlySet<number> {
  const places = new Set<number>()
  for (const name of names) {
    for (const match of text.matchAll(new RegExp(`(?:^|&)${name}=[^&]*(?:&|$)`, 'g'))) {
      for (let place = match.index; place < match.index + match[0].length; place += 1) places.add(place)
    }
  }
  return places
}
