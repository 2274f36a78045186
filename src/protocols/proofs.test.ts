// Protocols that prove: our proof connector against our door, the same pictures byte for byte, and what is dropped of an
// answer that is not what it says. No reading of a proof changes a payout, so the harm here is a false picture or a leak.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PAYOUT_STATES } from '../payout/payout.ts'
import { CONFORMANCE_NOW_MS, type ConformanceProof, conformanceMoment } from './conformance.fixture.ts'
import { conformanceDesk, conformanceExchange } from './conformance-line.fixture.ts'
import { type Examined, loadConformances } from './conformance-load.fixture.ts'
import { bdt, type MemoryDesk, payoutOf } from './desk.fixture.ts'
import type { ProofConnector, ProofImage, ProofReading, ProviderAccount } from './protocol.ts'

const { examined } = await loadConformances(name => import(`./${name}/conformance.fixture.ts`))

const proving = examined.flatMap(one => {
  const { proof } = one.protocol
  const part = one.conformance.proof
  return proof === null || part === null ? [] : [{ name: one.protocol.name, one, proof, part }]
})

describe.each(proving)('$name', ({ one, proof, part }) => {
  const subject = { reference: part.reference }
  const paid = part.found(part.paid, part.images.map(part.imageText))

  test('the request goes to the account, names the order and stays the same', () => {
    const ask = () => proof.request(subject, part.account, conformanceMoment())
    expect(ask().url.startsWith(`${part.account.baseUrl}/`)).toBe(true)
    expect(JSON.stringify(ask())).toContain(part.reference)
    expect(ask()).toEqual(ask())
  })

  test.each(PAYOUT_STATES)(
    'of a payout that is %s the connector sees what the door may show',
    async state => {
      const desk = deskWith(one, part)
      desk.move(part.reference, state, CONFORMANCE_NOW_MS)
      const reading = await asked(one, proof, part, desk)
      expect(reading).toMatchObject({
        kind: 'found',
        said: state === 'paid' ? 'paid' : 'unknown',
        dropped: [],
      })
      const shown = state === 'paid' || state === 'returned' ? part.images : []
      expect(hashesOf(reading)).toEqual(shown.map(hashOf))
    },
  )

  test('a paid payout without pictures is found without any, and is asked for again later', async () => {
    const desk = deskWith(one, part)
    desk.prove(part.reference, [])
    desk.move(part.reference, 'paid', CONFORMANCE_NOW_MS)
    expect(await asked(one, proof, part, desk)).toEqual({
      kind: 'found',
      said: 'paid',
      images: [],
      dropped: [],
    })
  })

  test('an order that the door does not know, or somebody else has, is not there yet', async () => {
    expect((await asked(one, proof, part, conformanceDesk(one.conformance))).kind).toBe('not_yet')
    const desk = deskWith(one, part, 'm_somebody_else')
    desk.move(part.reference, 'paid', CONFORMANCE_NOW_MS)
    expect((await asked(one, proof, part, desk)).kind).toBe('not_yet')
  })

  test('a fault of the door, and too many questions, are asked again', async () => {
    const broken = deskWith(one, part)
    broken.breakWith(new Error('a fault'))
    expect((await asked(one, proof, part, broken)).kind).toBe('not_yet')
    const busy = deskWith(one, part)
    busy.setMayAsk(false)
    expect((await asked(one, proof, part, busy)).kind).toBe('not_yet')
  })

  test('credentials that the door does not take end the asking', async () => {
    for (const [name, value] of Object.entries(part.account.settings)) {
      const settings = { ...part.account.settings, [name]: `${value}x` }
      if (proof.checkAccount({ ...part.account, settings }) !== null) continue
      const reading = await asked(one, proof, part, deskWith(one, part), { ...part.account, settings })
      expect([name, reading.kind]).toEqual([name, 'stop'])
    }
  })

  test('the good answer proves, so that the hostile ones fail for one reason', () => {
    const reading = proof.read(paid, subject, part.account)
    expect(reading).toMatchObject({ kind: 'found', said: 'paid', dropped: [] })
    expect(hashesOf(reading)).toEqual(part.images.map(hashOf))
  })

  test('no status but the one of the contract says that it is paid', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.jsonValue()), status => {
        const reading = proof.read(part.found(status, []), subject, part.account)
        if (reading.kind === 'found' && !part.isPaid(status)) expect(reading.said).toBe('unknown')
      }),
    )
  })

  test('a picture that is not what it says is dropped with a reason, and the good one beside it is kept', () => {
    const [image] = part.images
    if (image === undefined) throw new Error('a picture')
    for (const [place, hostile] of part.hostileImages.entries()) {
      const reading = proof.read(
        part.found(part.paid, [hostile, part.imageText(image)]),
        subject,
        part.account,
      )
      expect([place, hashesOf(reading)]).toEqual([place, [hashOf(image)]])
      expect(reading).toMatchObject({ kind: 'found', dropped: [expect.stringMatching(/\w/)] })
    }
  })

  test.each(part.hostileAnswers)('$says: nothing is kept, $reads', ({ answer, reads }) => {
    const reading = proof.read(answer, subject, part.account)
    expect(reading.kind).toBe(reads)
  })

  test('an answer about another order is not about this one', () => {
    const reading = proof.read(paid, { reference: `${part.reference}x` }, part.account)
    expect(reading.kind).not.toBe('found')
  })

  test('under another HTTP status a good answer keeps nothing', () => {
    for (const status of [0, 100, 204, 302, 304, 400, 401, 404, 429, 500, 502]) {
      expect([status, proof.read({ ...paid, status }, subject, part.account).kind]).not.toEqual([
        status,
        'found',
      ])
    }
  })

  test('garbage never throws, and no picture comes of it', () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json({ maxDepth: 12 }).map(text => Buffer.from(text)),
      fc.nat(Math.max(0, paid.body.length - 1)).map(end => paid.body.slice(0, end)),
      fc
        .constantFrom('', '[]', '{}', 'null', '['.repeat(10_000), '{"a":'.repeat(10_000))
        .map(text => Buffer.from(text)),
    )
    fc.assert(
      fc.property(body, fc.constantFrom(200, 200, 400, 500), (bytes, status) => {
        const reading = proof.read({ status, headers: {}, body: bytes }, subject, part.account)
        expect(hashesOf(reading)).toEqual([])
        if (reading.kind === 'found') expect(reading.said).toBe('unknown')
      }),
      { numRuns: 1_000 },
    )
  })

  test('with one byte changed, whatever is kept is still a picture of its type', () => {
    for (let place = 0; place < paid.body.length; place += 1) {
      const body = Uint8Array.from(paid.body)
      body[place] = (body[place] ?? 0) ^ 0x01
      const reading = proof.read({ ...paid, body }, subject, part.account)
      for (const image of reading.kind === 'found' ? reading.images : [])
        expect(isWhatItSays(image)).toBe(true)
    }
  })

  test('a scrubbed transcript keeps neither a secret nor a picture', () => {
    const { scrubs, secrets } = one.conformance.transcripts
    for (const { whole, scrubbed } of scrubs) {
      expect(proof.scrub(whole)).toBe(scrubbed)
      expect(proof.scrub(scrubbed)).toBe(scrubbed)
    }
    const request = proof.request(subject, part.account, conformanceMoment())
    const texts = [...scrubs.map(({ whole }) => whole), JSON.stringify(request), request.body ?? '']
    texts.push(...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`))
    texts.push(Buffer.from(paid.body).toString())
    const pictures = part.images.map(({ bytes }) => Buffer.from(bytes).toString('base64'))
    for (const kept of texts.map(text => proof.scrub(text))) {
      for (const secret of [...secrets, ...pictures]) expect(kept).not.toContain(secret)
      expect(proof.scrub(kept)).toBe(kept)
    }
  })
})

test('what is not a picture of its type is seen to be none', () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0)
  expect(isWhatItSays({ mediaType: 'image/png', bytes: png })).toBe(true)
  expect(isWhatItSays({ mediaType: 'image/jpeg', bytes: png })).toBe(false)
  expect(isWhatItSays({ mediaType: 'image/png', bytes: Buffer.from('<svg>') })).toBe(false)
})

function deskWith(
  { conformance, protocol }: Examined,
  { reference, images, credential }: ConformanceProof,
  merchantId = credential.merchantId,
): MemoryDesk {
  const desk = conformanceDesk(conformance)
  const submission = {
    merchantId,
    door: protocol.name,
    doorCredentialId: credential.publicId,
    requestId: null,
    reference,
    idempotencyKey: null,
    fingerprint: new Uint8Array(32),
    amount: bdt(30_000n),
    beneficiary: { kind: 'wallet', operator: 'nagad', number: '01712345678' },
    description: null,
    metadata: null,
    notifyUrl: null,
    needsConfirmation: false,
    firstAnswer: () => '',
  } as const
  desk.put(payoutOf(submission, { number: 1_000_001n, tag: 4_711, nowMs: CONFORMANCE_NOW_MS }))
  desk.prove(reference, images)
  return desk
}

async function asked(
  { protocol, conformance }: Examined,
  proof: ProofConnector,
  { reference, account }: ConformanceProof,
  desk: MemoryDesk,
  by: ProviderAccount = account,
): Promise<ProofReading> {
  const request = proof.request({ reference }, by, conformanceMoment())
  const answer = await conformanceExchange(protocol.door, request, by.baseUrl, desk, conformance)
  return proof.read(answer, { reference }, by)
}

function hashesOf(reading: ProofReading): readonly string[] {
  return reading.kind === 'found' ? reading.images.map(hashOf) : []
}

function hashOf({ mediaType, bytes }: ProofImage): string {
  return `${mediaType} ${createHash('sha256').update(bytes).digest('hex')}`
}

/** In hex; `.` stands for any digit. */
const FIRST_BYTES = {
  'image/png': /^89504e470d0a1a0a/,
  'image/jpeg': /^ffd8ff/,
  'image/webp': /^52494646.{8}57454250/,
} as const

function isWhatItSays({ mediaType, bytes }: ProofImage): boolean {
  return FIRST_BYTES[mediaType].test(Buffer.from(bytes.slice(0, 16)).toString('hex'))
}
