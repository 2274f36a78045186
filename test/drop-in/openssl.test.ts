// Our signatures and the vectors could agree and both be wrong. Here openssl makes every signature and digest of the
// vectors again, and each that stands in them is counted, so that none is passed over.
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Claim, written } from './claims.ts'
import { avanorClaims, payproClaims, proofapiClaims } from './claims-json.ts'
import { payneteasyClaims } from './claims-oauth.ts'
import { type Openssl, openssl } from './openssl.ts'
import { digestsIn, type Entry, readVectors, textAt } from './vectors.ts'

const FOLDERS = new URL('../../src/protocols/', import.meta.url)
const PRIVATE_KEY = keyFile('payneteasy-test-key.pem')
const PUBLIC_KEY = keyFile('payneteasy-test-key.pub.pem')

let tool: Openssl
beforeAll(async () => {
  tool = await openssl()
})
afterAll(() => tool[Symbol.asyncDispose]())

/** How many each file holds: made again, of these refused on purpose, and those that nobody can make. */
const COUNTS = {
  paypro: { made: 57, refused: 15, none: 3 },
  avanor: { made: 42, refused: 13, none: 5 },
  payneteasy: { made: 65, refused: 24, none: 3 },
  proofapi: { made: 34, refused: 13, none: 3 },
}

test.each(Object.entries(COUNTS))(
  'openssl makes every signature of the %s vectors again',
  async (name, counts) => {
    const entries = readVectors(vectorsOf(name))
    const claims = entries.flatMap(entry => claimsOf(name, entry, entries))

    // Each that stands there is claimed, and nothing is claimed that does not stand there.
    expect(marks(claims)).toEqual(
      entries.flatMap(entry => [...digestsIn(entry)].map(stated => `${entry.id} ${stated}`)).sort(),
    )
    const possible = claims.filter(claim => claim.made !== 'none')
    const refused = possible.filter(claim => claim.insteadOf !== undefined)
    expect({
      made: marks(possible).length,
      refused: marks(refused).length,
      none: marks(claims.filter(({ made }) => made === 'none')).length,
    }).toEqual(counts)

    const makings = await makeAll(possible)
    const wrong = possible.filter((claim, place) => !makings[place]?.includes(claim.stated))
    expect(wrong.map(({ id, stated }) => ({ id, stated }))).toEqual([])
  },
)

test.each(['paypro', 'avanor', 'payneteasy', 'proofapi'])(
  'the mistakes of the %s vectors are mistakes',
  async name => {
    const entries = readVectors(vectorsOf(name))
    const claims = entries.flatMap(entry => claimsOf(name, entry, entries))
    const mistakes = claims.flatMap(claim =>
      claim.made !== 'none' && claim.insteadOf !== undefined ? [{ ...claim, of: claim.insteadOf }] : [],
    )
    expect(mistakes.length).toBeGreaterThan(0)
    if (name === 'payneteasy') {
      for (const { id, stated, of, made } of mistakes.filter(({ made }) => made !== 'sha1'))
        expect(await tool.verifies(PUBLIC_KEY, Buffer.from(stated, 'base64'), of), `${id} ${made}`).toBe(
          false,
        )
    }
    const algorithm = { paypro: 'md5', avanor: 'sha256', payneteasy: 'sha1', proofapi: 'sha256' } as const
    const right = await tool.digests(
      algorithm[name as keyof typeof algorithm],
      mistakes.map(({ of }) => of),
    )
    expect(mistakes.filter(({ stated }, place) => stated === right[place])).toEqual([])
  },
)

test('openssl accepts with the public key what the private key signed, and nothing else', async () => {
  const worked = workedString(readVectors(vectorsOf('payneteasy')))
  const signature = await tool.sign('sha256', PRIVATE_KEY, worked)
  expect(signature).toHaveLength(256)
  expect(await tool.verifies(PUBLIC_KEY, signature, worked)).toBe(true)
  expect(await tool.verifies(PUBLIC_KEY, signature, `${worked}\n`)).toBe(false)
})

function claimsOf(name: string, entry: Entry, entries: readonly Entry[]): readonly Claim[] {
  switch (name) {
    case 'paypro':
      return payproClaims(entry)
    case 'avanor':
      return avanorClaims(entry)
    case 'proofapi':
      return proofapiClaims(entry)
    default:
      return payneteasyClaims(entry, workedString(entries))
  }
}

function workedString(entries: readonly Entry[]): string {
  return textAt(
    entries.find(({ id }) => id === 'pne-sign-worked'),
    'input',
    'base_string',
  )
}

/** Once for each entry and value: a value may stand in two places of one entry. */
function marks(claims: readonly Claim[]): readonly string[] {
  return [...new Set(claims.map(({ id, stated }) => `${id} ${stated}`))].sort()
}

type Possible = Exclude<Claim, { readonly made: 'none' }>

/** For each claim what openssl makes of its text: one process for all of an algorithm, one for each RSA signature. */
async function makeAll(claims: readonly Possible[]): Promise<readonly (readonly string[])[]> {
  const hashed = new Map<string, string>()
  for (const algorithm of ['md5', 'sha1', 'sha256'] as const) {
    const texts = [...new Set(claims.filter(({ made }) => made === algorithm).map(({ of }) => of))]
    const digests = await tool.digests(algorithm, texts)
    for (const [place, text] of texts.entries()) hashed.set(`${algorithm} ${text}`, digests[place] ?? '')
  }
  const makings: (readonly string[])[] = []
  for (const claim of claims) makings.push(await making(claim, hashed))
  return makings
}

async function making(claim: Possible, hashed: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const { made, of, form, stated } = claim
  if (typeof made === 'object')
    return [written(Buffer.from(await tool.hmacSha256(made.hmac, of), 'hex'), form)]
  switch (made) {
    case 'rsa-sha256':
      return [written(await tool.sign('sha256', PRIVATE_KEY, of), form)]
    case 'rsa-sha1':
      return [written(await tool.sign('sha1', PRIVATE_KEY, of), form)]
    case 'rsa-pss':
      // It is random: it cannot be made again, but it can be verified.
      return (await tool.verifies(PUBLIC_KEY, Buffer.from(stated, 'base64'), of, 'pss')) ? [stated] : []
    default:
      return [written(Buffer.from(hashed.get(`${made} ${of}`) ?? '', 'hex'), form)]
  }
}

function vectorsOf(name: string): URL {
  return new URL(`${name}/vectors/${name}.json`, FOLDERS)
}

function keyFile(name: string): string {
  return fileURLToPath(new URL(`payneteasy/vectors/${name}`, FOLDERS))
}
