// Delivers notices: at least once, in order per payout, until they are acknowledged or their schedule ends. A notice
// that ends unacknowledged is parked with its reason, never dropped. No redirect is followed, and an answer is read only
// for its acknowledgement.
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { DoorCredential, DoorNotices, WireAnswer, WireRequest } from '../protocols/protocol.ts'
import type { DueNotice, NoticeResult, Store } from '../store/store.ts'
import { createHosts } from './hosts.ts'
import type { TargetVerdict } from './target.ts'

export interface DeliveryNeeds {
  readonly store: Pick<Store, 'claimNotices' | 'recordNotices'>
  readonly noticesOf: (door: string) => DoorNotices | null
  readonly credential: (door: string, publicId: string) => DoorCredential | null
  readonly judgeTarget: (url: string) => TargetVerdict
  /** One request over a kept connection, redirects not followed; never rejects. */
  readonly ask: (
    request: WireRequest,
    limits: { connectMs: number; headersMs: number; totalMs: number; maxAnswerBytes: number },
  ) => Promise<
    | { readonly kind: 'answered'; readonly answer: WireAnswer }
    | { readonly kind: 'unsent' | 'cut'; readonly why: string; readonly said: string }
  >
  readonly clock: Clock
  readonly log: Log
}

export interface Delivery {
  start(): void
  /** Something may be due. */
  wake(): void
  /** Takes nothing new, waits for what is under way, and keeps its results. */
  stop(): Promise<void>
  inFlight(): number
}

/** A claimed notice that was not tried within this time comes due again by itself. */
const LEASE_MS = 60_000
const CLAIM_MAX = 256
const WAITING_MAX = 1_024
const IN_FLIGHT_MAX = 128
/** And so many connections to one receiver are of use. */
export const NOTICES_PER_HOST_MAX = 32
/** A slow host keeps no more than this of what is claimed; the rest comes later and lets others pass meanwhile. */
const WAITING_PER_HOST_MAX = 64
/** One that answers fast has its backlog here, as long as the last of it is told within this time. */
const WAITING_PER_FAST_HOST_MAX = 512
const WAIT_MS_MAX = 2_000
const POLL_MS = 250
const UNAVAILABLE_MS = 1_000
const MISTAKE_AGAIN_MS = 60_000
const ANSWER_BYTES_MAX = 64 * 1024
const SAID_CHARACTERS_MAX = 200

export function createDelivery(needs: DeliveryNeeds): Delivery {
  const { store, clock, log } = needs
  const hosts = createHosts({
    total: IN_FLIGHT_MAX,
    perHost: NOTICES_PER_HOST_MAX,
    waitingPerHost: WAITING_PER_HOST_MAX,
    waitingPerNewHost: CLAIM_MAX,
    waitingPerFastHost: WAITING_PER_FAST_HOST_MAX,
    waitMs: WAIT_MS_MAX,
    monotonic: () => clock.monotonic(),
  })
  const stopping = new AbortController()
  let results: NoticeResult[] = []
  let resting = new AbortController()
  let running: Promise<void> | null = null
  let down = false

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      resting = new AbortController()
      const claimed = await round()
      if (claimed === 0) await clock.sleep(down ? UNAVAILABLE_MS : POLL_MS, resting.signal)
    }
    await hosts.idle()
    await keep()
  }

  /** How many notices were taken. */
  async function round(): Promise<number> {
    try {
      await keep()
      const room = Math.min(CLAIM_MAX, WAITING_MAX - hosts.waiting())
      const due = room > 0 ? await store.claimNotices({ limit: room, leaseMs: LEASE_MS }) : []
      if (down) log.info('notices are delivered again')
      down = false
      for (const notice of due) take(notice)
      return due.length
    } catch (error) {
      if (!down) log.error({ err: error }, 'notices wait: the database does not answer')
      down = true
      return 0
    }
  }

  function take(notice: DueNotice): void {
    const claimedAt = clock.monotonic()
    const target = needs.judgeTarget(notice.url)
    if (!target.ok) {
      finish(notice, parked(notice, target.why, log))
      return
    }
    const { host } = target.url
    const later = () => {
      const dueInMs = Math.min(LEASE_MS, Math.max(POLL_MS, hosts.servedInMs(host)))
      finish(notice, { status: null, said: '', next: { kind: 'later', dueInMs } })
    }
    const tellIt = async () => {
      // Whoever waited for longer than the lease may be told by another process by now.
      if (stopping.signal.aborted || clock.monotonic() - claimedAt > LEASE_MS / 2) return
      finish(notice, await tell(notice, needs))
    }
    if (!hosts.enter(host, tellIt, later)) later()
  }

  function finish(notice: DueNotice, told: Told): void {
    const { merchantId, number } = notice.payout
    results.push({ merchantId, number, sequence: notice.sequence, target: notice.target, ...told })
    resting.abort()
  }

  /** What is not kept is tried again when its lease ends: at least once, never lost. */
  async function keep(): Promise<void> {
    const batch = results
    if (batch.length === 0) return
    results = []
    try {
      await store.recordNotices(batch)
    } catch (error) {
      results = [...batch, ...results]
      throw error
    }
  }

  return {
    start() {
      running ??= run()
    },
    wake: () => resting.abort(),
    async stop() {
      stopping.abort()
      resting.abort()
      await running?.catch(error => log.error({ err: error }, 'results of notices were not kept'))
    },
    inFlight: hosts.inFlight,
  }
}

type Told = Pick<NoticeResult, 'status' | 'said' | 'next'>

/** One try. A mistake of ours over one notice must not end the process that tells all the others. */
async function tell(notice: DueNotice, needs: DeliveryNeeds): Promise<Told> {
  try {
    return await tellDoor(notice, needs)
  } catch (error) {
    needs.log.error({ err: error, payout: String(notice.payout.number) }, 'a notice could not be told')
    const next = { kind: 'again', dueInMs: MISTAKE_AGAIN_MS } as const
    return { status: null, said: 'the notice could not be told', next }
  }
}

async function tellDoor(notice: DueNotice, needs: DeliveryNeeds): Promise<Told> {
  const { payout, state, atMs, url } = notice
  const notices = needs.noticesOf(payout.door)
  const credential = needs.credential(payout.door, payout.doorCredentialId)
  if (notices === null || credential === null)
    return { status: null, said: 'the door or the credential is gone', next: { kind: 'parked' } }
  const request = notices.request({ payout, state, atMs, url }, credential)
  const result = await needs.ask(request, {
    connectMs: notices.timeoutMs,
    headersMs: notices.timeoutMs,
    totalMs: notices.timeoutMs,
    maxAnswerBytes: ANSWER_BYTES_MAX,
  })
  if (result.kind === 'unsent' && result.why === 'guard') return parked(notice, result.said, needs.log)
  if (result.kind !== 'answered') return { status: null, said: result.said, next: after(notice, notices) }
  const { status, body } = result.answer
  const acknowledged = notices.acknowledged(result.answer)
  return { status, said: words(body), next: acknowledged ? { kind: 'acknowledged' } : after(notice, notices) }
}

/** An address that may not be called, as it is written or as it resolves: no later try makes it better. */
function parked({ payout }: DueNotice, why: string, log: Log): Told {
  log.warn({ payout: String(payout.number), why }, 'a notice was parked: its address is refused')
  return { status: null, said: why, next: { kind: 'parked' } }
}

/** The delay before the try after this one, or the end of the schedule. */
function after(notice: DueNotice, { scheduleMs }: DoorNotices): NoticeResult['next'] {
  const dueInMs = scheduleMs[notice.tries + 1]
  return dueInMs === undefined ? { kind: 'parked' } : { kind: 'again', dueInMs }
}

/** The beginning of an answer for the delivery log: one line, printable. */
function words(body: Uint8Array): string {
  return Buffer.from(body.subarray(0, SAID_CHARACTERS_MAX))
    .toString('latin1')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
}
