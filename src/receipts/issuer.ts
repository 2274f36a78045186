// Issues receipts: a worker of its own, which comes after the payment and never stands in its way.
//
//   1. claim    payments and returns without a receipt, for the time of a lease
//   2. sign     the facts of each; this needs nothing of the log
//   3. append   the batch to the log: leaves, nodes, a signed checkpoint, in one commit
//
// Any number of workers do this at once. What one of them computed for a log that has grown meanwhile is computed again, with
// the same signatures; what a dead one had claimed comes due again. A batch is in the log whole or not at all, so there is
// never a gap, and the database refuses a second receipt of the same payment: a crash anywhere costs time and nothing else.
import type { Clock } from '../lib/clock.ts'
import { ed25519Signer, newEd25519Pair } from '../lib/ed25519.ts'
import type { Log } from '../lib/log.ts'
import { createLoop, type Loop } from '../lib/loop.ts'
import type { DueReceipt, NewReceiptBatch, ReceiptStore, SigningKey } from '../store/receipt-store.ts'
import { signCheckpoint } from './checkpoint.ts'
import { receiptClaims, receiptPayload } from './claims.ts'
import { receiptEvidence, receiptGrade } from './grade.ts'
import { signJws } from './jws.ts'
import { receiptKeyId } from './keys.ts'
import { appendLeaves, leafHash } from './tree.ts'

export interface IssuerNeeds {
  readonly store: Pick<
    ReceiptStore,
    'claimReceipts' | 'receiptHead' | 'appendReceipts' | 'signingKey' | 'changeReceiptKey'
  >
  readonly livemode: boolean
  readonly clock: Clock
  readonly log: Log
  /** Told after each batch that is in the log. */
  readonly issued?: (count: number) => void
  /** The most receipts of one commit. */
  readonly batchMax?: number
}

export interface Issuer {
  start(): void
  /** One round: true where there may be more. For tests and measuring. */
  round(): Promise<boolean>
  stop(): Promise<void>
}

const BATCH_MAX = 256
const LEASE_MS = 60_000
const POLL_MS = 500
/** How often one batch is computed anew because others were faster; then its lease brings it back. */
const APPENDS_MAX = 20

export function createIssuer(needs: IssuerNeeds): Issuer {
  const { store, clock, log, batchMax = BATCH_MAX } = needs
  let stopping = false
  const loop: Loop = createLoop({
    clock,
    round,
    pollMs: () => POLL_MS,
    failed: error => log.warn({ err: error }, 'receipts wait: they cannot be issued now'),
    recovered: () => log.info({}, 'receipts are issued again'),
  })

  async function round(): Promise<boolean> {
    if (stopping) return false
    // Before the claim: a receipt is never dated after the end of the key that signs it.
    const signer = signerOf(await currentKey(store, log))
    const due = await store.claimReceipts({ limit: batchMax, leaseMs: LEASE_MS })
    if (due.length === 0) return false
    const { origin } = await store.receiptHead()
    const receipts = due.flatMap(one => signed(one, origin, signer))
    if (receipts.length > 0) await append(receipts, origin, signer)
    return due.length === batchMax
  }

  /** Nothing where this one cannot be issued; the others are. Its lease brings it back, and a person reads why. */
  function signed(due: DueReceipt, origin: string, signer: Signer): NewReceiptBatch['receipts'] {
    const { payout, kind, nowMs } = due
    try {
      const record = {
        ...due,
        grade: receiptGrade(due),
        evidence: receiptEvidence(due),
        supersedes: due.firstLeaf,
        issuedAtMs: nowMs,
      }
      const claims = receiptClaims(record, { origin, livemode: needs.livemode })
      const jws = signJws(receiptPayload(claims), signer)
      return [{ merchantId: payout.merchantId, number: payout.number, kind, jws, issuedAtMs: nowMs }]
    } catch (error) {
      log.error(
        { err: error, merchant: payout.merchantId, payout: String(payout.number) },
        'a mistake of ours over a receipt',
      )
      return []
    }
  }

  async function append(
    receipts: NewReceiptBatch['receipts'],
    origin: string,
    signer: Signer,
  ): Promise<void> {
    const leaves = receipts.map(({ jws }) => leafHash(jws))
    for (let tries = 1; tries <= APPENDS_MAX; tries += 1) {
      const head = await store.receiptHead()
      const { size, root, nodes } = appendLeaves(head.size, head.edge, leaves)
      const note = signCheckpoint({ origin, size, root }, signer)
      const batch = { expected: head.size, keyId: signer.keyId, receipts, nodes, root, note }
      const became = await store.appendReceipts(batch)
      if (became === 'appended') {
        needs.issued?.(receipts.length)
        log.debug({ count: receipts.length, size }, 'receipts were issued')
      }
      if (became !== 'moved') return
    }
    log.info({ count: receipts.length }, 'receipts wait for their next turn: others append faster')
  }

  return {
    start: loop.start,
    round,
    async stop() {
      stopping = true
      await loop.stop()
    },
  }
}

type Signer = Pick<SigningKey, 'keyId' | 'publicKey'> & { sign(message: string): Uint8Array }

function signerOf({ keyId, publicKey, seed }: SigningKey): Signer {
  return { keyId, publicKey, sign: ed25519Signer(seed) }
}

/** The key that signs. The first worker of an installation makes the first one. */
async function currentKey(store: IssuerNeeds['store'], log: Log): Promise<SigningKey> {
  const key = await store.signingKey()
  if (key !== null) return key
  const made = newReceiptKey()
  if (await store.changeReceiptKey({ insteadOf: null, key: made, by: 'first start' })) {
    log.info({ key: made.keyId }, 'the first key for receipts was made')
    return made
  }
  const theirs = await store.signingKey()
  if (theirs === null) throw new Error('there is no key for receipts, and none can be made')
  return theirs
}

export function newReceiptKey(): SigningKey {
  const { seed, publicKey } = newEd25519Pair()
  return { keyId: receiptKeyId(publicKey), publicKey, seed }
}
