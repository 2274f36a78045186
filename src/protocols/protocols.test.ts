// The conformance run begins here: what every registered protocol owes, whatever it speaks. Each brings what only it can
// know in its conformance.fixture.ts (conformance.fixture.ts here says what that is). A protocol that still owes something
// fails below with the sentences that say what, and the other parts of the run look at it only afterwards:
//   accounts.test.ts  signatures.test.ts  pairing.test.ts  hostile.test.ts  proofs.test.ts  readers.test.ts
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { NEGATIVES } from './conformance.fixture.ts'
import { loadConformances } from './conformance-load.fixture.ts'
import { filesOwed, PROTOCOL_FILES } from './conformance-owed.fixture.ts'
import { PROTOCOLS, protocolNamed } from './registry.ts'

const { owed, examined } = await loadConformances(name => import(`./${name}/conformance.fixture.ts`))

test.each([...owed.keys()])('%s owes nothing more to the conformance run', name => {
  const sentences = owed.get(name) ?? []
  if (sentences.length > 0) throw new Error(`${name} is not finished:\n  ${sentences.join('\n  ')}`)
})

test('every folder is a registered protocol, and every registered protocol is a folder', () => {
  const entries = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
  const folders = entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
  expect(PROTOCOLS.map(({ name }) => name).sort()).toEqual(folders.sort())
})

test('a folder that lacks a file, or has no vectors, is told so', () => {
  expect(filesOwed('one', folder => (folder === '.' ? PROTOCOL_FILES : ['one.json']))).toEqual([])
  expect(filesOwed('one', () => [])).toHaveLength(PROTOCOL_FILES.length + 1)
  const without = filesOwed('one', folder => (folder === '.' ? PROTOCOL_FILES.slice(1) : ['one.pem']))
  expect(without).toEqual([
    'one lacks the file README.md: every protocol folder holds the same files',
    expect.stringMatching(/^one has no vectors/),
  ])
})

test('no item is twice on the list of negatives, and each protocol answers every one', () => {
  expect(new Set(NEGATIVES).size).toBe(NEGATIVES.length)
  for (const { conformance } of examined) {
    expect(Object.keys(conformance.signature.negatives).sort()).toEqual([...NEGATIVES].sort())
  }
})

test('a protocol is found by its own name alone', () => {
  for (const protocol of PROTOCOLS) {
    expect(protocolNamed(protocol.name)).toBe(protocol)
    expect(protocolNamed(protocol.name.toUpperCase())).toBeNull()
  }
  for (const name of ['', 'nobody', '__proto__']) expect(protocolNamed(name)).toBeNull()
})

test('no two routes of all doors could take the same request', () => {
  const routes = PROTOCOLS.flatMap(({ name, door }) =>
    (door?.routes ?? []).map(route => ({ name, ...route })),
  )
  const clashes = routes.flatMap((one, place) =>
    routes
      .slice(place + 1)
      .filter(other => shapeOf(one.path) === shapeOf(other.path))
      .filter(other => [one.method, other.method].includes('ANY') || one.method === other.method)
      .map(other => `${one.name} and ${other.name} both answer ${one.method} ${one.path}`),
  )
  expect(clashes).toEqual([])
})

/** Two paths that differ only in what a part is called are one path. */
function shapeOf(path: string): string {
  return path.replace(/:[^/]+/g, ':')
}
