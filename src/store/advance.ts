// Steps of payouts, computed by payout/lifecycle.ts and dispatch/steps.ts, applied all together in one commit. The
// version in each step is the fence: whoever computed from an older one gets `stale` and nothing was written.
import type { Contracts } from './contracts.ts'
import type { PayoutStep, StepVerdict } from './store.ts'
import type { Whole } from './whole.ts'

export async function advancePayouts(
  whole: Whole,
  contracts: Contracts,
  batch: readonly PayoutStep[],
): Promise<readonly StepVerdict[]> {
  const input: unknown[] = []
  for (const [place, step] of batch.entries()) input.push(await stepInput(step, place, contracts))
  const rows = await whole.rows<{ place: number; version: number }>(
    { name: 'advance_payouts', text: 'select place, version from advance_payouts($1)' },
    [JSON.stringify(input)],
  )
  const verdicts: StepVerdict[] = batch.map(() => ({ kind: 'stale' }))
  for (const { place, version } of rows) verdicts[place] = { kind: 'done', version }
  return verdicts
}

/** A step as the functions of the database take it. */
export async function stepInput(step: PayoutStep, place: number, contracts: Contracts): Promise<unknown> {
  return {
    place,
    merchant_id: step.merchantId,
    payout_number: String(step.number),
    version: step.version,
    to_state: step.to,
    wait_reason: step.waitReason,
    why: step.why,
    claim: step.claim === null ? null : String(step.claim),
    ...postingInput(step),
    ...queueInput(step),
    ...(await attemptInput(step, contracts)),
    notices:
      step.notices.length === 0
        ? null
        : step.notices.map(notice => ({
            target: notice.target,
            url: notice.url,
            due_in_ms: Math.round(notice.dueInMs),
          })),
    confirmation: step.confirmation,
    exchange: step.exchange === null ? null : exchangeInput(step.exchange),
    incident: step.incident,
  }
}

function postingInput(step: PayoutStep) {
  const [first] = step.postings
  if (first === undefined) return {}
  return {
    currency: first.amount.currency,
    recipe: step.recipe,
    postings: step.postings.map(({ debit, credit, amount }) => ({
      debit,
      credit,
      minor: String(amount.minor),
    })),
  }
}

function queueInput({ queue }: PayoutStep) {
  if (queue.kind === 'put')
    return {
      queue_change: 'put',
      queue_due_in_ms: Math.round(queue.dueInMs),
      queue_counted: queue.counted,
      queue_why: queue.why,
    }
  return { queue_change: queue.kind }
}

async function attemptInput({ attempt }: PayoutStep, contracts: Contracts) {
  if (attempt === null) return {}
  if (attempt.kind === 'opened')
    return {
      attempt_change: 'opened',
      attempt_no: attempt.attemptNo,
      provider_account_id: attempt.providerAccountId,
      reference: attempt.reference,
      request_hash: Buffer.from(attempt.requestHash).toString('hex'),
      contract_id: await contracts.idOf(attempt.contract),
      incarnation: String(attempt.incarnation),
      next_look_in_ms: Math.round(attempt.lostInMs),
    }
  return {
    attempt_change: 'changed',
    attempt_no: attempt.attemptNo,
    attempt_state: attempt.state,
    their_id: attempt.theirId,
    doubt: attempt.doubt,
    proof_kind: attempt.proof?.kind ?? null,
    premises: attempt.proof?.premises ?? null,
    next_look_in_ms: attempt.nextLookInMs === null ? null : Math.round(attempt.nextLookInMs),
    inquired: attempt.inquired,
    facts: attempt.facts,
    attempt_revision: attempt.revision,
  }
}

function exchangeInput(exchange: NonNullable<PayoutStep['exchange']>) {
  return {
    attempt_no: exchange.attemptNo,
    kind: exchange.kind,
    started_at_ms: Math.round(exchange.startedAtMs),
    duration_ms: Math.round(exchange.durationMs),
    status: exchange.status,
    row: exchange.row,
    verdict: exchange.verdict,
    request: exchange.request,
    answer: exchange.answer,
  }
}
