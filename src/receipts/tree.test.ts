// Against the reference data of Certificate Transparency (its merkle_tree_test.cc), and against the definition of RFC 9162
// written down once more, slowly.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { appendLeaves, EMPTY_ROOT, foldRoot, type Hash, leafHash, type NodePlace, subtrees } from './tree.ts'
import { consistencyHolds, consistencyPlan, inclusionHolds, inclusionPlan, proofOf } from './tree-proof.ts'

const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
/** Leaf, size, path. */
const PATHS: readonly (readonly [number, number, readonly string[]])[] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
]

const SIZE_MAX = 34

test('roots are those of the reference, whichever way the leaves came in', () => {
  expect(hex(EMPTY_ROOT)).toBe(ROOTS[0])
  const leaves = LEAVES.map(leaf => leafHash(Buffer.from(leaf, 'hex')))
  for (let size = 1; size <= leaves.length; size += 1) {
    const log = logOf(leaves.slice(0, size), [size])
    expect(hex(log.root(size))).toBe(ROOTS[size])
    expect(hex(logOf(leaves.slice(0, size), [1, 2]).root(size))).toBe(ROOTS[size])
  }
})

test.each(PATHS)('the path of leaf %i of %i is that of the reference', (index, size, path) => {
  const log = logOf(
    LEAVES.slice(0, size).map(leaf => leafHash(Buffer.from(leaf, 'hex'))),
    [3],
  )
  expect(log.inclusion(index, size).map(hex)).toEqual(path)
})

test('every root, every inclusion and every consistency up to thirty-four leaves is what the RFC defines', () => {
  const leaves = many(SIZE_MAX)
  const log = logOf(leaves, [1, 7, 2, 30])
  for (let size = 1; size <= SIZE_MAX; size += 1) {
    const root = slowRoot(leaves.slice(0, size))
    expect(hex(log.root(size))).toBe(hex(root))
    for (let index = 0; index < size; index += 1) {
      const path = log.inclusion(index, size)
      expect(path.map(hex)).toEqual(slowPath(index, leaves.slice(0, size)).map(hex))
      expect(inclusionHolds({ leaf: leaf(leaves, index), index, size, path, root })).toBe(true)
      expect(inclusionHolds({ leaf: leaf(leaves, index), index: index + 1, size, path, root })).toBe(false)
    }
    for (let first = 1; first <= size; first += 1) {
      const path = log.consistency(first, size)
      expect(path.map(hex)).toEqual(slowProof(first, leaves.slice(0, size), true).map(hex))
      const firstRoot = slowRoot(leaves.slice(0, first))
      const of = { first, second: size, firstRoot, secondRoot: root, path }
      expect(consistencyHolds(of)).toBe(true)
      expect(consistencyHolds({ ...of, firstRoot: leaf(leaves, 0) })).toBe(first === 1)
    }
  }
})

test('a path that is cut, longer, changed or of another leaf proves nothing', () => {
  const leaves = many(50)
  const log = logOf(leaves, [50])
  const [index, size, root] = [21, 50, log.root(50)] as const
  const path = log.inclusion(index, size)
  const of = { leaf: leaf(leaves, index), index, size, path, root }
  expect(inclusionHolds(of)).toBe(true)
  expect(inclusionHolds({ ...of, path: path.slice(1) })).toBe(false)
  expect(inclusionHolds({ ...of, path: path.slice(0, -1) })).toBe(false)
  expect(inclusionHolds({ ...of, path: [...path, root] })).toBe(false)
  expect(inclusionHolds({ ...of, path: path.toReversed() })).toBe(false)
  expect(inclusionHolds({ ...of, leaf: leaf(leaves, 22) })).toBe(false)
  // The path alone does not know how many leaves there are to its right; it is told by the checkpoint, which is signed.
  expect(inclusionHolds({ ...of, size: 32 })).toBe(false)
  expect(inclusionHolds({ ...of, index: 50, size: 50 })).toBe(false)
  // What is the root of a part is not the root of the whole.
  const part = log.root(32)
  const within = log.inclusion(index, 32)
  expect(inclusionHolds({ ...of, size: 32, path: within, root: part })).toBe(true)
  expect(inclusionHolds({ ...of, size: 64, path: within, root: part })).toBe(false)
  const proof = log.consistency(13, 50)
  const both = { first: 13, second: 50, firstRoot: log.root(13), secondRoot: root, path: proof }
  expect(consistencyHolds(both)).toBe(true)
  expect(consistencyHolds({ ...both, path: proof.slice(1) })).toBe(false)
  expect(consistencyHolds({ ...both, path: [...proof, root] })).toBe(false)
  expect(consistencyHolds({ ...both, first: 12 })).toBe(false)
  // A log of which one old leaf was exchanged has another past.
  const forged = logOf(leaves.with(4, leafHash('another')), [50])
  expect(consistencyHolds({ ...both, secondRoot: forged.root(50), path: forged.consistency(13, 50) })).toBe(
    false,
  )
})

function logOf(leaves: readonly Hash[], batches: readonly number[]) {
  const nodes = new Map<string, Hash>()
  const keyOf = ({ level, index }: NodePlace) => `${level} ${index}`
  const read = (place: NodePlace): Hash => {
    const hash = nodes.get(keyOf(place))
    if (hash === undefined) throw new Error(`no node ${keyOf(place)}`)
    return hash
  }
  let size = 0
  for (let batch = 0; size < leaves.length; batch += 1) {
    const added = leaves.slice(size, size + (batches[batch % batches.length] ?? 1))
    const edge = subtrees(0, size).map(read)
    const appended = appendLeaves(size, edge, added)
    for (const [place, hash] of added.entries()) nodes.set(keyOf({ level: 0, index: size + place }), hash)
    for (const node of appended.nodes) nodes.set(keyOf(node), node.hash)
    size = appended.size
    expect(hex(appended.root)).toBe(hex(foldRoot(subtrees(0, size).map(read))))
  }
  return {
    root: (of: number) => foldRoot(subtrees(0, of).map(read)),
    inclusion: (index: number, of: number) => proofOf(inclusionPlan(index, of), read),
    consistency: (first: number, second: number) => proofOf(consistencyPlan(first, second), read),
  }
}

// RFC 9162 sections 2.1.1, 2.1.3.1 and 2.1.4.1, word by word.
function slowRoot(leaves: readonly Hash[]): Hash {
  if (leaves.length <= 1) return leaf(leaves, 0)
  const k = splitOf(leaves.length)
  return slowNode(slowRoot(leaves.slice(0, k)), slowRoot(leaves.slice(k)))
}

function slowPath(index: number, leaves: readonly Hash[]): readonly Hash[] {
  if (leaves.length === 1) return []
  const k = splitOf(leaves.length)
  return index < k
    ? [...slowPath(index, leaves.slice(0, k)), slowRoot(leaves.slice(k))]
    : [...slowPath(index - k, leaves.slice(k)), slowRoot(leaves.slice(0, k))]
}

function slowProof(first: number, leaves: readonly Hash[], isWhole: boolean): readonly Hash[] {
  if (first === leaves.length) return isWhole ? [] : [slowRoot(leaves)]
  const k = splitOf(leaves.length)
  return first <= k
    ? [...slowProof(first, leaves.slice(0, k), isWhole), slowRoot(leaves.slice(k))]
    : [...slowProof(first - k, leaves.slice(k), false), slowRoot(leaves.slice(0, k))]
}

function slowNode(left: Hash, right: Hash): Hash {
  return createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest()
}

function splitOf(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1))
}

function many(count: number): readonly Hash[] {
  return Array.from({ length: count }, (_, place) => leafHash(`leaf ${place}`))
}

function leaf(leaves: readonly Hash[], index: number): Hash {
  const found = leaves[index]
  if (found === undefined) throw new Error(`no leaf ${index}`)
  return found
}

function hex(hash: Hash): string {
  return Buffer.from(hash).toString('hex')
}
