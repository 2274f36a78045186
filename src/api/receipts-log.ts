// The log of receipts, and the keys, for anybody: whoever holds a receipt has no account here and shall not need one. What is
// given is hashes and signatures. A leaf is found by its hash alone, and that covers a signature nobody can guess: from the
// log nobody learns of a receipt that he does not hold.
import { z } from 'zod'
import { type AnyCall, type ApiAnswer, type OpenRoute, refusal } from './call.ts'
import { documentation, type Operation } from './documentation.ts'
import type { ApiNeeds } from './needs.ts'
import { readQuery } from './page.ts'
import type { ApiReceipts } from './receipts-needs.ts'
import {
  checkpointQuery,
  consistencyQuery,
  consistencyShown,
  inclusionQuery,
  inclusionShown,
  keySetShown,
  leafParams,
  statusShown,
} from './schema-receipts.ts'

export function receiptsLog({ receipts }: ApiNeeds): readonly OpenRoute[] {
  const open = (one: Open): OpenRoute => openRoute(one, receipts)
  return [
    open({
      path: '/.well-known/jwks.json',
      operationId: 'readReceiptKeys',
      summary: 'The keys that sign receipts',
      description: 'Every public half, also of keys that sign no more.',
      answer: keySetShown,
      problems: [],
      run: async reading => ({ status: 200, headers: KEY_SET, body: await reading.keySet() }),
    }),
    open({
      path: '/v1/receipts/log/checkpoint',
      operationId: 'readReceiptCheckpoint',
      summary: 'The newest checkpoint of the log',
      description: 'A signed note: the name of the log, its size and its root.',
      query: checkpointQuery,
      answer: z.string(),
      mediaType: 'text/plain',
      problems: [400, 404],
      run: async (reading, call) => {
        const asked = askedOf(call.query, ['size'])
        if (asked === null) return wrongQuery('size')
        const checkpoint = await reading.checkpoint(asked.counts.size ?? null)
        if (checkpoint === null) return NO_CHECKPOINT
        return { status: 200, headers: NOTE, body: checkpoint.note }
      },
    }),
    open({
      path: '/v1/receipts/log/inclusion',
      operationId: 'readReceiptInclusion',
      summary: 'That a receipt stands in the log',
      description: 'The path from a leaf to the root of the log at a size.',
      query: inclusionQuery,
      answer: inclusionShown,
      problems: [400, 404],
      run: readInclusion,
    }),
    open({
      path: '/v1/receipts/log/consistency',
      operationId: 'readReceiptConsistency',
      summary: 'That the log only grew',
      description: 'What shows that the log of the second size begins with all of the first.',
      query: consistencyQuery,
      answer: consistencyShown,
      problems: [400, 404],
      run: readConsistency,
    }),
    open({
      path: '/v1/receipts/:leaf',
      operationId: 'readReceiptStatus',
      summary: 'Whether a receipt still stands',
      description: 'A payment that came back has a second receipt, which takes the place of the first.',
      params: leafParams,
      answer: statusShown,
      problems: [404],
      run: readStatus,
    }),
  ]
}

interface Open extends Pick<Operation, 'operationId' | 'summary' | 'description' | 'problems'> {
  readonly path: string
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly answer: z.ZodType
  readonly mediaType?: string
  run(receipts: ApiReceipts, call: AnyCall): Promise<ApiAnswer>
}

function openRoute(one: Open, receipts: ApiReceipts | undefined): OpenRoute {
  const { path, run, answer, mediaType, ...operation } = one
  return {
    open: true,
    method: 'GET',
    path,
    body: 'unread',
    schema: documentation({
      ...operation,
      tag: 'Receipts',
      open: true,
      answer: {
        status: 200,
        description: 'What was asked for.',
        schema: answer,
        ...(mediaType === undefined ? {} : { mediaType }),
      },
    }),
    run: call => (receipts === undefined ? Promise.resolve(NOT_FOUND) : run(receipts, call)),
  }
}

async function readInclusion(receipts: ApiReceipts, { query }: AnyCall): Promise<ApiAnswer> {
  const asked = askedOf(query, ['size'], ['leaf'])
  const leaf = hashOf(asked?.texts.leaf)
  if (asked === null || leaf === null) return wrongQuery('leaf')
  const [receipt, newest] = await Promise.all([receipts.byLeaf(leaf), receipts.checkpoint(null)])
  if (receipt === null || newest === null) return NOT_FOUND
  const size = asked.counts.size ?? newest.size
  const path = await receipts.inclusion(receipt.leafIndex, size)
  if (path === null) return NOT_FOUND
  return published({
    object: 'receipt_inclusion',
    leaf_index: receipt.leafIndex,
    size,
    path: path.map(hexOf),
  })
}

async function readConsistency(receipts: ApiReceipts, { query }: AnyCall): Promise<ApiAnswer> {
  const asked = askedOf(query, ['first', 'second'])
  const [first, second] = [asked?.counts.first, asked?.counts.second]
  if (first === undefined || second === undefined) return wrongQuery('first')
  const path = await receipts.consistency(first, second)
  if (path === null) return NOT_FOUND
  return published({ object: 'receipt_consistency', first, second, path: path.map(hexOf) })
}

async function readStatus(receipts: ApiReceipts, { params }: AnyCall): Promise<ApiAnswer> {
  const leaf = hashOf(params.leaf)
  const receipt = leaf === null ? null : await receipts.byLeaf(leaf)
  if (receipt === null) return NOT_FOUND
  const { leafHash, leafIndex, supersededBy } = receipt
  return published({
    object: 'receipt_status',
    leaf: hexOf(leafHash),
    leaf_index: leafIndex,
    superseded_by: supersededBy === null ? null : hexOf(supersededBy),
  })
}

interface Asked {
  readonly counts: Readonly<Record<string, number>>
  readonly texts: Readonly<Record<string, string>>
}

/** What a query names, whole numbers and texts; null where it holds anything else. */
function askedOf(query: string, counts: readonly string[], texts: readonly string[] = []): Asked | null {
  const read = readQuery(query)
  if (!read.ok) return null
  const given = [...read.values]
  const numbers = given.filter(([name]) => counts.includes(name))
  const rest = given.filter(([name]) => texts.includes(name))
  if (numbers.length + rest.length !== given.length) return null
  if (numbers.some(([, value]) => !COUNT.test(value))) return null
  return {
    counts: Object.fromEntries(numbers.map(([name, value]) => [name, Number.parseInt(value, 10)])),
    texts: Object.fromEntries(rest),
  }
}

const COUNT = /^(0|[1-9][0-9]{0,14})$/

function hashOf(hex: string | undefined): Uint8Array | null {
  return hex !== undefined && /^[0-9a-f]{64}$/.test(hex) ? Buffer.from(hex, 'hex') : null
}

function hexOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}

function wrongQuery(pointer: string): ApiAnswer {
  return refusal({
    code: 'invalid_request',
    errors: [{ pointer, message: 'is missing, or not what is asked for' }],
  })
}

/** A page of another origin may read it: whoever checks a receipt does so from wherever he trusts. */
const OPEN = { 'Access-Control-Allow-Origin': '*' }
const NOTE = { ...OPEN, 'Content-Type': 'text/plain;charset=utf-8' }
const KEY_SET = { ...OPEN, 'Content-Type': 'application/jwk-set+json' }

function published(body: unknown): ApiAnswer {
  return { status: 200, body: JSON.stringify(body), headers: OPEN }
}

const NOT_FOUND = refusal({ code: 'not_found' })
const NO_CHECKPOINT = refusal({ code: 'not_found', detail: 'The log has no checkpoint of that size.' })
