// The merchants' clients. Each asks for one payout until it has an answer, and again; it may try other content under its
// reference, cancel, confirm, and read. It holds Quittance to what it was told: I3, I9 and I23, from outside.
import { Unavailable } from '../../../src/errors.ts'
import { sha256 } from '../../../src/lib/digest.ts'
import type { Random } from '../../../src/lib/random.ts'
import type { CurrencyCode } from '../../../src/money/currency.ts'
import type { Submission } from '../../../src/protocols/protocol.ts'
import type { Host } from '../process/host.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { Trace } from '../trace.ts'
import type { DoorClient } from './door-client.ts'
import type { ClientPlan } from './plan.ts'

export interface ClientsNeeds {
  readonly scheduler: Scheduler
  readonly hosts: readonly Host[]
  readonly random: Random
  readonly trace: Trace
  readonly currency: CurrencyCode
  readonly door: DoorClient
  /** Where the merchants are told, without their name at the end. */
  readonly notifyUrl: string
  readonly report: (invariant: string, said: string) => void
  readonly sometimes: (mark: string) => void
  /** A restore lost what was known of this order: what was answered before binds nobody any more. */
  readonly isTouched: (merchantId: string, reference: string) => boolean
  /** A gateway will be asked at this time. */
  readonly expects: (atMs: number) => void
}

/** What one client was told. */
export interface Told {
  readonly plan: ClientPlan
  /** Its payout, once it was answered as taken. */
  number: bigint | null
  /** The bytes of the first answer that took it. */
  answer: string | null
  refused: string | null
  /** It waits for an answer and asks again. */
  open: boolean
  cancelled: boolean
}

export interface Clients {
  readonly told: readonly Told[]
  /** Requests that are not answered yet. */
  open(): number
}

const RETRY_MS = [500, 1_000, 3_000, 10_000, 30_000]

export function startClients(plans: readonly ClientPlan[], needs: ClientsNeeds): Clients {
  const { scheduler, report, sometimes, trace } = needs
  const told = plans.map(
    (plan): Told => ({ plan, number: null, answer: null, refused: null, open: true, cancelled: false }),
  )
  let open = plans.length

  for (const one of told) {
    const { plan } = one
    at(plan.atMs, () => void ask(one, 0))
    for (const atMs of plan.againAtMs) at(atMs, () => void again(one))
    if (plan.otherAtMs !== null) at(plan.otherAtMs, () => void other(one))
    if (plan.cancelAtMs !== null) at(plan.cancelAtMs, () => void cancel(one, 0))
  }

  function at(atMs: number, run: () => void): void {
    needs.expects(atMs)
    scheduler.at(atMs, run)
  }

  async function ask(one: Told, tries: number): Promise<void> {
    const answered = await submit(one, one.plan.minor)
    if (answered) {
      if (one.open) {
        one.open = false
        open -= 1
        if (one.plan.needsConfirmation && one.number !== null)
          at(scheduler.now() + 3_000, () => void confirm(one, 0))
      }
      return
    }
    if (tries > 0) sometimes('a client asked three times and more')
    at(
      scheduler.now() + (RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 1_000),
      () => void ask(one, tries + 1),
    )
  }

  async function again(one: Told): Promise<void> {
    await submit(one, one.plan.minor)
  }

  /** The same reference for another amount must never become a payout once the first one stands. */
  async function other(one: Told): Promise<void> {
    if (one.number === null || one.plan.door === 'paypro' || isTouched(one)) return
    const host = pick()
    if (host === null) return
    const submitted = await within(host, submissionOf(one, one.plan.minor + 1n))
    if (submitted !== null && submitted.kind !== 'conflict' && !isTouched(one))
      report('I9', `other content under ${one.plan.reference} was answered ${submitted.kind}`)
  }

  /** True where the answer says what became of it. */
  async function submit(one: Told, minor: bigint): Promise<boolean> {
    const { plan } = one
    if (plan.door === 'paypro') {
      const answer = await needs.door.create(plan, minor)
      if (answer === null || answer.kind === 'unknown') return false
      trace.note(plan.merchantId, `${plan.reference} ${answer.kind}`, '')
      if (answer.kind === 'taken') took(one, answer.number, answer.answer)
      else refused(one, answer.why)
      return true
    }
    const host = pick()
    if (host === null) return false
    const submitted = await within(host, submissionOf(one, minor))
    if (submitted === null) return false
    trace.note(plan.merchantId, `${plan.reference} ${submitted.kind}`, '')
    if (submitted.kind === 'accepted' || submitted.kind === 'replayed')
      took(one, submitted.number, submitted.answer)
    else if (submitted.kind === 'refused') refused(one, submitted.why)
    else if (!isTouched(one))
      report('I9', `${plan.reference} was refused as a conflict with payout ${submitted.number}`)
    return true
  }

  const isTouched = ({ plan }: Told): boolean => needs.isTouched(plan.merchantId, plan.reference)

  function took(one: Told, number: bigint, answer: string): void {
    if (isTouched(one)) {
      if (one.number !== null && one.number !== number) sometimes('a merchant repeated what was lost')
      one.number = number
      one.answer = answer
      return
    }
    if (one.number !== null && one.number !== number)
      report('I9', `${one.plan.reference} was answered as payout ${one.number} and as ${number}`)
    if (one.answer !== null && one.answer !== answer)
      report('I9', `${one.plan.reference} got two different answers`)
    one.number = number
    one.answer ??= answer
  }

  function refused(one: Told, why: string): void {
    if (one.number !== null && !isTouched(one))
      report('I9', `${one.plan.reference} was taken, and then refused: ${why}`)
    one.refused = why
  }

  async function within(host: Host, submission: Submission) {
    try {
      return await host.within(({ desk }) => desk.submit(submission))
    } catch (error) {
      if (!(error instanceof Unavailable)) report('M', `the desk threw ${String(error)}`)
      return null
    }
  }

  async function cancel(one: Told, tries: number): Promise<void> {
    const { number, plan } = one
    const host = pick()
    if (number === null || host === null) return
    try {
      const answer = await host.within(({ desk }) => desk.cancel(plan.merchantId, number))
      trace.note(plan.merchantId, `${plan.reference} cancel`, answer?.kind ?? 'unknown')
      if (answer?.kind === 'cancelled') {
        one.cancelled = true
        sometimes('a cancel won')
      } else if (answer?.kind === 'refused') sometimes(`a cancel lost: ${answer.why}`)
    } catch (error) {
      if (!(error instanceof Unavailable)) report('M', `the desk threw ${String(error)}`)
      if (tries < 3) at(scheduler.now() + 1_000, () => void cancel(one, tries + 1))
    }
  }

  async function confirm(one: Told, tries: number): Promise<void> {
    const { number, plan } = one
    if (number === null) return
    const host = pick()
    try {
      const answer =
        host === null
          ? null
          : await host.within(({ desk }) => desk.confirm(plan.merchantId, number, `yes ${number}`))
      if (answer !== null) {
        sometimes(`a confirmation was ${answer.kind}`)
        return
      }
    } catch (error) {
      if (!(error instanceof Unavailable)) report('M', `the desk threw ${String(error)}`)
    }
    at(
      scheduler.now() + (RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 1_000),
      () => void confirm(one, tries + 1),
    )
  }

  function pick(): Host | null {
    const ready = needs.hosts.filter(host => host.application() !== null)
    return ready[needs.random.below(Math.max(1, ready.length))] ?? null
  }

  function submissionOf({ plan }: Told, minor: bigint): Submission {
    const { merchantId, reference, operator, needsConfirmation } = plan
    const beneficiary = { kind: 'wallet', operator, number: WALLET } as const
    return {
      ...{ merchantId, reference, beneficiary, needsConfirmation },
      door: 'paypro',
      doorCredentialId: `shop-${merchantId}`,
      requestId: null,
      idempotencyKey: plan.key,
      fingerprint: sha256(`${reference} ${minor} ${operator}`),
      amount: { minor, currency: needs.currency },
      description: null,
      metadata: null,
      notifyUrl: `${needs.notifyUrl}/${merchantId}`,
      firstAnswer: payout => `taken as ${payout.number}`,
    }
  }

  return { told, open: () => open }
}

export const WALLET = '01811111111'
