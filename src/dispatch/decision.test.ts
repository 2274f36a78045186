// Rows W6 and W7: what two people may decide of which payout, and what it does.
import { expect, test } from 'vitest'
import { SLOW_TERMS } from '../../test/people-kit.ts'
import { BDT } from '../../test/store-kit.ts'
import { ATTEMPT_STATES, type Attempt } from '../payout/attempt.ts'
import { type DecisionContent, VERDICTS } from '../payout/decision.ts'
import { PAYOUT_STATES, type Payout } from '../payout/payout.ts'
import type { PayoutAndAttempt } from '../store/store.ts'
import { deathOpensAtMs, decisionOutcome, knownOfAttempt } from './decision.ts'
import { FACTS_AT_INTENT, type StoredFacts } from './facts.ts'

const MONEY = { minor: 50_000n, currency: BDT }
const DAY_MS = 24 * 3_600_000
const CREATED_MS = Date.parse('2026-11-21T22:00:00Z')
/** `maxProcessing + queryLag` of the pessimistic contract. */
const OPENS_AFTER_MS = 8 * DAY_MS
const AGREED = { proposalId: 'pr_1', proposedBy: 'pe_a', confirmedBy: 'pe_b' }

function found(
  change: {
    payout?: Partial<Payout>
    attempt?: Partial<Attempt>
    facts?: Partial<StoredFacts>
    contract?: unknown
  } = {},
): PayoutAndAttempt {
  return {
    payout: {
      ...{
        merchantId: 'm_1',
        number: 42n,
        tag: 1,
        reference: 'r',
        amount: MONEY,
        method: 'bkash',
        description: null,
      },
      ...{
        metadata: null,
        door: 'api',
        doorCredentialId: 'k',
        requestId: null,
        notifyUrl: null,
        waitReason: null,
      },
      ...{
        state: 'in_doubt',
        why: null,
        createdAtMs: 0,
        stateSinceMs: 0,
        paidAtMs: null,
        version: 7,
        attempts: 1,
      },
      beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' },
      ...change.payout,
    },
    attempt: {
      ...{
        attemptNo: 1,
        state: 'in_doubt',
        providerAccountId: 'pa',
        reference: 'o',
        theirId: null,
        doubt: 'lost',
      },
      ...{ proof: null, createdAtMs: CREATED_MS, nextInquiryAtMs: null, inquiries: 3, revision: 5 },
      ...change.attempt,
    },
    facts: { ...FACTS_AT_INTENT, lastPossibleByteAfterMs: 1_000, ...change.facts },
    incarnation: 1n,
    contract: 'contract' in change ? change.contract : SLOW_TERMS,
  }
}

function content(change: Partial<DecisionContent> = {}): DecisionContent {
  const verdict = change.verdict ?? 'paid'
  const isDead = verdict === 'dead'
  return {
    ...{ verdict, after: isDead ? 'failed' : null, proof: isDead ? 'by_people' : null, because: 'b' },
    ...{ version: 7, revision: 5, evidence: [] },
    ...change,
  }
}

const judge = (of: PayoutAndAttempt & { learned?: number }, what: DecisionContent, nowMs: number) =>
  decisionOutcome({ learned: of.attempt?.revision ?? 0, ...of }, what, AGREED, nowMs, () => [])

test('people decide of what is in doubt or pending, and of nothing else', () => {
  const late = CREATED_MS + 30 * DAY_MS
  for (const state of PAYOUT_STATES)
    for (const attempt of ATTEMPT_STATES)
      for (const verdict of VERDICTS) {
        const outcome = judge(
          found({ payout: { state }, attempt: { state: attempt } }),
          content({ verdict }),
          late,
        )
        const isOpen = state === attempt && (state === 'in_doubt' || state === 'pending')
        expect([state, attempt, verdict, outcome.ok]).toEqual([state, attempt, verdict, isOpen])
        if (!outcome.ok) expect(outcome.why).toBe('not_in_doubt')
      }
})

test('what was shown is what is decided: any other version or revision is refused', () => {
  for (const change of [{ version: 6 }, { version: 8 }, { revision: 4 }, { revision: 6 }])
    expect(judge(found(), content(change), CREATED_MS)).toMatchObject({ ok: false, why: 'moved_on' })
})

test('a later revision that learned nothing new is what was shown, and its step is fenced by it', () => {
  const later = { ...found({ attempt: { revision: 8 } }), learned: 5 }
  expect(judge(later, content(), CREATED_MS)).toMatchObject({ ok: true, step: { attempt: { revision: 8 } } })
  expect(judge({ ...later, learned: 6 }, content(), CREATED_MS)).toMatchObject({ ok: false, why: 'moved_on' })
})

test('each verdict is the step that an answer would have made', () => {
  const late = CREATED_MS + 30 * DAY_MS
  const step = (what: Partial<DecisionContent>) => {
    const outcome = judge(found(), content(what), late)
    if (!outcome.ok) throw new Error(outcome.why)
    const { to, recipe, attempt, version } = outcome.step
    return { to, recipe, version, attempt: attempt?.kind === 'changed' ? attempt.state : null }
  }
  expect(step({ verdict: 'paid' })).toEqual({ to: 'paid', recipe: 'settle', version: 7, attempt: 'paid' })
  expect(step({ verdict: 'dead' })).toEqual({ to: 'failed', recipe: 'fail', version: 7, attempt: 'dead' })
  expect(step({ verdict: 'dead', after: 'review' })).toEqual({
    ...{ to: 'waiting', recipe: 'requeue', version: 7, attempt: 'dead' },
  })
  expect(step({ verdict: 'keep_waiting' })).toEqual({ to: null, recipe: null, version: 7, attempt: null })
})

test('to keep waiting leaves the next check where it is, and ends what was proposed beside it', () => {
  const nextInquiryAtMs = CREATED_MS + 60_000
  const of = found({ attempt: { nextInquiryAtMs } })
  const outcome = judge(of, content({ verdict: 'keep_waiting' }), CREATED_MS + 20_000)
  // Facts that are written make a new revision.
  expect(outcome).toMatchObject({
    ok: true,
    step: { attempt: { nextLookInMs: 40_000, revision: 5, facts: of.facts } },
  })
})

test('dead opens when the longest processing and lag have passed since the last possible byte, and no moment before', () => {
  const opensAt = CREATED_MS + 1_000 + OPENS_AFTER_MS
  const dead = content({ verdict: 'dead' })
  expect(deathOpensAtMs(found())).toBe(opensAt)
  expect(judge(found(), dead, opensAt - 1)).toEqual({ ok: false, why: 'too_early', opensAtMs: opensAt })
  expect(judge(found(), dead, opensAt)).toMatchObject({ ok: true, row: 'W7' })
  // Where no end of the send is recorded, its sender's whole time counts; of two steps the second one's.
  const lost = { facts: { lastPossibleByteAfterMs: null } }
  expect(deathOpensAtMs(found(lost))).toBe(CREATED_MS + 75_000 + OPENS_AFTER_MS)
  const paying = { facts: { lastPossibleByteAfterMs: null, payIntentAfterMs: 9_000, stepsSent: 2 as const } }
  expect(deathOpensAtMs(found(paying))).toBe(CREATED_MS + 84_000 + OPENS_AFTER_MS)
  // Without a contract that can be read nothing is ever proven by waiting.
  expect(judge(found({ contract: null }), dead, CREATED_MS + 900 * DAY_MS)).toMatchObject({
    why: 'too_early',
  })
})

test.each([
  ['2026-11-21', '2026-11-22', '2026-11-23T00:00:00Z', true],
  ['2026-11-20', '2026-11-25', '2026-11-23T00:00:00Z', true],
  ['2026-11-21', '2026-11-22', '2026-11-22T23:59:59Z', false],
  ['2026-11-21', '2026-11-21', '2026-11-25T00:00:00Z', false],
  ['2026-11-22', '2026-11-22', '2026-11-25T00:00:00Z', false],
])('a statement from %s through %s, read at %s: dead by statement is %s', (from, through, at, ok) => {
  const evidence = [
    {
      kind: 'statement',
      name: 's',
      mediaType: 'text/plain',
      size: 1,
      sha256: 'h',
      covers: { from, through },
    },
  ] as const
  const outcome = judge(
    found(),
    content({ verdict: 'dead', proof: 'by_statement', evidence }),
    Date.parse(at),
  )
  expect(outcome.ok).toBe(ok)
  if (outcome.ok)
    expect(outcome).toMatchObject({ row: 'W6', step: { attempt: { proof: { kind: 'by_statement' } } } })
  else expect(outcome.why).toBe('statement_too_short')
})

test('the proof names the proposal, both people and each file by its hash', () => {
  const evidence = [
    {
      kind: 'answer',
      name: 'letter.pdf',
      mediaType: 'application/pdf',
      size: 9,
      sha256: 'abc',
      covers: null,
    },
  ] as const
  const at = CREATED_MS + 30 * DAY_MS
  expect(judge(found(), content({ verdict: 'dead', evidence }), at)).toMatchObject({
    step: {
      attempt: {
        proof: {
          kind: 'by_people',
          premises: {
            ...{ row: 'W7', proposal: 'pr_1', proposedBy: 'pe_a', confirmedBy: 'pe_b', because: 'b' },
            ...{
              evidence: [{ kind: 'answer', sha256: 'abc', covers: null }],
              at: new Date(at).toISOString(),
            },
          },
        },
      },
    },
  })
})

test('what is known of an attempt is told with the times of the database', () => {
  const observations = [{ said: 'not_found', afterMs: 5_000 }] as const
  expect(knownOfAttempt(found({ facts: { observations } }))).toEqual({
    deathOpensAtMs: CREATED_MS + 1_000 + OPENS_AFTER_MS,
    observations: [{ said: 'not_found', atMs: CREATED_MS + 5_000 }],
  })
})
