// Fetches the providers' proof images of payouts that were paid, in the background and within bounds. A search that is
// lost with its process comes due again when its lease ends: asking twice moves nothing.
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { createLoop, type Loop } from '../lib/loop.ts'
import type { Random } from '../lib/random.ts'
import type { ProofConnector, ProviderAccount, WireRequest } from '../protocols/protocol.ts'
import type { Configuration, DueProofSearch, ProofSearchResult, Store } from '../store/store.ts'
import { type ProofHeard, proofSearchResult } from './search.ts'

export interface SearcherNeeds {
  readonly store: Pick<Store, 'claimProofSearches' | 'recordProofSearch' | 'findPayout'>
  readonly configuration: () => Configuration
  readonly proofOf: (protocol: string) => ProofConnector | null
  /** One question over a kept connection; never rejects. */
  readonly ask: (
    request: WireRequest,
    limits: { connectMs: number; headersMs: number; totalMs: number; maxAnswerBytes: number },
  ) => Promise<ProofHeard>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface Searcher {
  start(): void
  /** Takes nothing new and waits for what is under way. */
  stop(): Promise<void>
}

/** Few: each may bring an answer of many megabytes, and all of them are in memory at once. */
const CLAIM_MAX = 4
const LEASE_MS = 120_000
const POLL_MS = 1_000
const NO_ACCOUNT_AGAIN_MS = 600_000
/** A search without an account to ask ends when no schedule would ask any more. */
const GIVE_UP_MS = 8 * 86_400_000
/** A provider that is slow with its pictures holds up no stop of this process. */
const SEARCH_MS_MAX = 20_000
const NONCE_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export function createSearcher(needs: SearcherNeeds): Searcher {
  const { store, clock, log } = needs
  let stopping = false
  const loop: Loop = createLoop({
    clock,
    round,
    pollMs: () => POLL_MS,
    failed: error => log.warn({ err: error }, 'searches for proof wait: the database does not answer'),
    recovered: () => log.info({}, 'searches for proof go on'),
  })

  async function round(): Promise<boolean> {
    if (stopping) return false
    const due = await store.claimProofSearches({ limit: CLAIM_MAX, leaseMs: LEASE_MS })
    await Promise.all(due.map(one => search(one)))
    return due.length === CLAIM_MAX
  }

  async function search(due: DueProofSearch): Promise<void> {
    const result = await resultOf(due)
    if (result === null) return
    const { incident, said } = result
    const about = { merchant: due.merchantId, payout: String(due.number), account: due.providerAccountId }
    if (incident !== null) log.error({ alarm: incident.kind, detail: incident.detail, ...about }, 'alarm')
    else log.info({ ...about, said }, 'proof was asked for')
    await store.recordProofSearch(result)
  }

  /** Null where nothing can be said and the lease brings it back. */
  async function resultOf(due: DueProofSearch): Promise<ProofSearchResult | null> {
    const began = clock.monotonic()
    const found = accountOf(due.providerAccountId)
    const { merchantId, number, attemptNo } = due
    if (typeof found === 'string') {
      const nextInMs = due.sincePaidMs < GIVE_UP_MS ? NO_ACCOUNT_AGAIN_MS : null
      const again = { said: found, nextInMs, images: [], incident: null }
      return { merchantId, number, attemptNo, ...again }
    }
    const { account, connector } = found
    const payout = await store.findPayout(merchantId, { by: 'number', number })
    if (payout === null) return null
    try {
      const { timeoutsMs, maxAnswerBytes } = connector.capabilities(account)
      const at = { nowMs: clock.now(), nonce: needs.random.text(NONCE_ALPHABET, 32) }
      const { connect: connectMs, headers, total } = timeoutsMs
      const headersMs = Math.min(headers, SEARCH_MS_MAX)
      const totalMs = Math.min(total, SEARCH_MS_MAX)
      const heard = await needs.ask(connector.request({ reference: due.reference }, account, at), {
        ...{ connectMs, headersMs, totalMs, maxAnswerBytes },
      })
      const tookMs = clock.monotonic() - began
      return proofSearchResult(due, { heard, state: payout.state, account, connector, tookMs })
    } catch (error) {
      // A mistake of ours over one search must not hold up the others.
      log.error({ err: error }, 'a mistake of ours while asking for proof')
      return null
    }
  }

  function accountOf(id: string): { account: ProviderAccount; connector: ProofConnector } | string {
    const stored = needs.configuration().providerAccounts.find(one => one.id === id)
    if (stored === undefined) return 'its proof account is gone'
    if (!stored.active) return 'its proof account is switched off'
    const connector = needs.proofOf(stored.protocol)
    if (connector === null) return 'the protocol of its proof account proves nothing'
    const { protocol, baseUrl, settings } = stored
    const account = { id, protocol, baseUrl, settings }
    return connector.checkAccount(account) ?? { account, connector }
  }

  return {
    start: loop.start,
    async stop() {
      stopping = true
      await loop.stop()
    },
  }
}
