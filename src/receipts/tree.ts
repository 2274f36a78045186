// The Merkle tree of RFC 9162 section 2.1 (the one of RFC 6962): how leaves and nodes are hashed, which nodes an append
// makes, and of which stored nodes a root or a proof is put together. Stored are the *whole* subtrees alone, those of 2^level
// leaves: they never change again, so the log is written and never rewritten. What is ragged at the right edge is folded from
// them when it is asked for, so a root or a proof costs a few dozen look-ups, whatever the size. Pure.
import { assert } from '../lib/assert.ts'
import { sha256 } from '../lib/digest.ts'

/** 32 bytes. */
export type Hash = Uint8Array

/** A whole subtree: the leaves from `index * 2^level` on, 2^level of them. Level 0 is the leaves. */
export interface NodePlace {
  readonly level: number
  readonly index: number
}

export interface TreeNode extends NodePlace {
  readonly hash: Hash
}

/** Above what anybody issues, and far below the numbers that stop being exact. */
export const TREE_SIZE_MAX = 2 ** 48

export function leafHash(leaf: Uint8Array | string): Hash {
  return sha256(Buffer.concat([LEAF, Buffer.from(leaf)]))
}

export function nodeHash(left: Hash, right: Hash): Hash {
  return sha256(Buffer.concat([NODE, left, right]))
}

// RFC 9162 section 2.1.1: without them a node could be passed off as a leaf.
const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** Of a tree without leaves: the hash of nothing. */
export const EMPTY_ROOT: Hash = sha256('')

/** The whole subtrees that the leaves from `from` to `to` fall into, left to right, each as large as it can be. */
export function subtrees(from: number, to: number): readonly NodePlace[] {
  assert(from >= 0 && from <= to && to <= TREE_SIZE_MAX, 'a range of leaves lies within a tree')
  const places: NodePlace[] = []
  for (let at = from; at < to; ) {
    let level = 0
    let leaves = 1
    // It may double while it begins on its own boundary and does not reach over the end.
    while (at % (leaves * 2) === 0 && at + leaves * 2 <= to) {
      level += 1
      leaves *= 2
    }
    places.push({ level, index: at / leaves })
    at += leaves
  }
  return places
}

/** The root over neighbouring subtrees, given left to right with the larger ones first, as `subtrees(0, size)` gives them. */
export function foldRoot(hashes: readonly Hash[]): Hash {
  const last = hashes.at(-1)
  if (last === undefined) return EMPTY_ROOT
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
}

export interface Appended {
  readonly size: number
  readonly root: Hash
  /** Every whole subtree above the leaves that came into being, each after its two halves. */
  readonly nodes: readonly TreeNode[]
}

/** @param edge the hashes of `subtrees(0, size)`: all that has to be known of the tree to append to it */
export function appendLeaves(size: number, edge: readonly Hash[], leaves: readonly Hash[]): Appended {
  const places = subtrees(0, size)
  assert(places.length === edge.length, 'the edge belongs to the size')
  const stack: TreeNode[] = places.map((place, at) => ({ ...place, hash: edge[at] ?? EMPTY_ROOT }))
  const nodes: TreeNode[] = []
  for (const [place, hash] of leaves.entries()) {
    let grown: TreeNode = { level: 0, index: size + place, hash }
    for (let left = stack.at(-1); left !== undefined && left.level === grown.level; left = stack.at(-1)) {
      stack.pop()
      grown = { level: grown.level + 1, index: left.index / 2, hash: nodeHash(left.hash, grown.hash) }
      nodes.push(grown)
    }
    stack.push(grown)
  }
  return { size: size + leaves.length, root: foldRoot(stack.map(({ hash }) => hash)), nodes }
}
