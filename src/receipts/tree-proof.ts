// Proofs over the tree: that a leaf stands in it (RFC 9162 section 2.1.3), and that a larger tree begins with all of a
// smaller one (section 2.1.4). A plan says of which stored nodes each hash of a proof is folded; whoever has the nodes makes
// the proof, and whoever has the proof needs nothing else to judge it. Pure.
import { assert } from '../lib/assert.ts'
import { foldRoot, type Hash, type NodePlace, nodeHash, subtrees } from './tree.ts'

/** For each hash of the proof, in order, the whole subtrees that it is folded from. */
export type ProofPlan = readonly (readonly NodePlace[])[]

/** The nodes that are beside the way from leaf `index` up to the root of `size` leaves. */
export function inclusionPlan(index: number, size: number): ProofPlan {
  assert(index >= 0 && index < size, 'a leaf lies within its tree')
  const path: NodePlace[][] = []
  // From the root down, so that the list is turned around at the end.
  for (let from = 0, to = size; to - from > 1; ) {
    const middle = from + splitOf(to - from)
    if (index < middle) {
      path.push([...subtrees(middle, to)])
      to = middle
    } else {
      path.push([...subtrees(from, middle)])
      from = middle
    }
  }
  return path.reverse()
}

/** The nodes by which the tree of `first` leaves is seen inside that of `second`; none where they are one. */
export function consistencyPlan(first: number, second: number): ProofPlan {
  assert(first > 0 && first <= second, 'a tree is consistent with a larger one')
  const path: NodePlace[][] = []
  let from = 0
  let to = second
  // Whether what is left is a subtree that the first tree has as its own root: then its hash is known to the reader.
  let isWhole = true
  while (first !== to) {
    const middle = from + splitOf(to - from)
    if (first <= middle) {
      path.push([...subtrees(middle, to)])
      to = middle
    } else {
      path.push([...subtrees(from, middle)])
      from = middle
      isWhole = false
    }
  }
  if (!isWhole) path.push([...subtrees(from, to)])
  return path.reverse()
}

/** @param read the hash of a whole subtree */
export function proofOf(plan: ProofPlan, read: (place: NodePlace) => Hash): readonly Hash[] {
  return plan.map(places => foldRoot(places.map(read)))
}

/** RFC 9162 section 2.1.3.2. */
export function inclusionHolds(of: {
  readonly leaf: Hash
  readonly index: number
  readonly size: number
  readonly path: readonly Hash[]
  readonly root: Hash
}): boolean {
  const { leaf, index, size, path, root } = of
  if (!(isCount(index) && isCount(size)) || index >= size) return false
  let place = index
  let last = size - 1
  let hash = leaf
  for (const beside of path) {
    if (last === 0) return false
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(beside, hash)
      while (place % 2 === 0 && place !== 0) {
        place /= 2
        last = Math.floor(last / 2)
      }
    } else {
      hash = nodeHash(hash, beside)
    }
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && isSame(hash, root)
}

/** RFC 9162 section 2.1.4.2. */
export function consistencyHolds(of: {
  readonly first: number
  readonly second: number
  readonly firstRoot: Hash
  readonly secondRoot: Hash
  readonly path: readonly Hash[]
}): boolean {
  const { first, second, firstRoot, secondRoot } = of
  if (!(isCount(first) && isCount(second)) || first === 0 || first > second) return false
  if (first === second) return of.path.length === 0 && isSame(firstRoot, secondRoot)
  // A first tree that is one whole subtree is its own first node.
  const path = isPowerOfTwo(first) ? [firstRoot, ...of.path] : of.path
  const [begin, ...rest] = path
  if (begin === undefined) return false
  let place = first - 1
  let last = second - 1
  while (place % 2 === 1) {
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  let old = begin
  let grown = begin
  for (const beside of rest) {
    if (last === 0) return false
    if (place % 2 === 1 || place === last) {
      old = nodeHash(beside, old)
      grown = nodeHash(beside, grown)
      while (place % 2 === 0 && place !== 0) {
        place /= 2
        last = Math.floor(last / 2)
      }
    } else {
      grown = nodeHash(grown, beside)
    }
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && isSame(old, firstRoot) && isSame(grown, secondRoot)
}

/** The largest power of two below `leaves`, which is at least 2. */
function splitOf(leaves: number): number {
  let split = 1
  while (split * 2 < leaves) split *= 2
  return split
}

function isPowerOfTwo(count: number): boolean {
  return splitOf(count * 2) === count
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

/** Hashes of a public log are no secrets. */
function isSame(one: Hash, other: Hash): boolean {
  return Buffer.compare(one, other) === 0
}
