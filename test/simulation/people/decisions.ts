// People who look at what has been in doubt for a while: they ask the provider on another way, propose what it says, and
// others confirm it, with the desk's own code over a line that fails like any other. Some are told wrongly; some try what
// one person must not; and in some histories two of them propose the contrary at once.

import type { PersonActor } from '../../../src/desk/actor.ts'
import {
  type DecideParts,
  type DecisionAsked,
  decisionEffect,
  proposeDecision,
} from '../../../src/desk/decide.ts'
import { confirmProposal, type Effects } from '../../../src/desk/proposals.ts'
import { NOTHING_THERE } from '../../../src/desk/refused.ts'
import { decisionOutcome } from '../../../src/dispatch/decision.ts'
import { Unavailable } from '../../../src/errors.ts'
import type { Clock } from '../../../src/lib/clock.ts'
import { CODE_STEP_SECONDS, oneTimeCode } from '../../../src/lib/one-time-code.ts'
import type { Random } from '../../../src/lib/random.ts'
import type { Verdict } from '../../../src/payout/decision.ts'
import type { Payout } from '../../../src/payout/payout.ts'
import type { PeopleStore } from '../../../src/store/people-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { ANA, BEN, CAI, DEE, MIA, type ModelPerson } from '../model/persons.ts'
import type { Releases } from '../model/releases.ts'
import { doorNoticesFor } from '../process/application.ts'
import type { Transfer } from '../rails/truth.ts'

export interface DecisionPeopleNeeds {
  readonly clock: Clock
  readonly store: Store & Releases
  readonly random: Random
  readonly merchants: readonly string[]
  /** Until when things break: they look for hours longer. */
  readonly untilMs: number
  /** Two propose at once. */
  readonly conflicting: boolean
  /** What stands in the provider's books about the last attempt of a payout. */
  readonly bookOf: (payout: Payout) => Transfer | null
  readonly sometimes: (mark: string) => void
  readonly report: (invariant: string, said: string) => void
}

const MINUTE_MS = 60_000
const PATIENCE_MS = [MINUTE_MS, 5 * MINUTE_MS, 20 * MINUTE_MS, 150 * MINUTE_MS] as const
/** How often they come back to one payout before they leave it to its provider. */
const LOOKS_MAX = 4
const TRIES_MAX = 6
const HOUR_MS = 60 * MINUTE_MS
/** Nobody stays longer for what opens later. */
const LATE_MS = 6 * HOUR_MS

/** False as soon as they have gone home. */
export function startDecisionPeople(needs: DecisionPeopleNeeds): () => boolean {
  const { clock, store, random, sometimes } = needs
  const patienceMs = PATIENCE_MS[random.below(PATIENCE_MS.length)] ?? MINUTE_MS
  const isToldWrongly = random.below(4) === 0
  let homeAtMs = needs.untilMs + random.below(random.below(3) === 0 ? 5 * HOUR_MS : HOUR_MS)
  const looks = new Map<string, number>()
  /** Of what was too early to decide, from when it is not. */
  const opensAtMs = new Map<string, number>()
  let isAtWork = true
  const effects = {
    decision: (proposal, by) => decisionEffect(parts, proposal, by),
    correction: async () => NOTHING_THERE,
    person: async () => NOTHING_THERE,
    release_switch: async () => NOTHING_THERE,
    release_safe_mode: async () => NOTHING_THERE,
  } satisfies Effects
  const parts: DecideParts = {
    // The desk calls nothing else of it for a decision.
    people: store as unknown as PeopleStore,
    ...{ clock, random, effects },
    judge: (found, content, agreed, nowMs) => decisionOutcome(found, content, agreed, nowMs, doorNoticesFor),
  }

  async function work(): Promise<void> {
    while (clock.now() < homeAtMs) {
      await clock.sleep(MINUTE_MS + random.below(Math.max(MINUTE_MS, patienceMs / 2)))
      try {
        for (const payout of await open()) await about(payout)
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error
      }
    }
    isAtWork = false
  }

  async function open(): Promise<readonly Payout[]> {
    const page = { limit: 100, before: null, reference: null }
    const found: Payout[] = []
    for (const merchantId of needs.merchants)
      for (const state of ['in_doubt', 'pending'] as const)
        found.push(...(await store.listPayouts(merchantId, { ...page, state })))
    return found.filter(({ stateSinceMs }) => clock.now() - stateSinceMs >= patienceMs)
  }

  async function about(payout: Payout): Promise<void> {
    const key = keyOf(payout)
    const nth = looks.get(key) ?? 0
    if (nth >= LOOKS_MAX || clock.now() < (opensAtMs.get(key) ?? 0)) return
    looks.set(key, nth + 1)
    const verdict = wordOf(needs.bookOf(payout), isToldWrongly && random.below(2) === 0)
    if (needs.conflicting) await conflict(payout, verdict)
    else await decide(payout, verdict, pair())
  }

  /** Who proposes and who confirms; now and then one who must not. */
  function pair(): readonly [ModelPerson, ModelPerson] {
    const proposer = [ANA, CAI, MIA][random.below(3)] ?? ANA
    const confirmer = [BEN, DEE, CAI, MIA][random.below(4)] ?? BEN
    return [proposer, confirmer]
  }

  async function decide(
    payout: Payout,
    verdict: Verdict,
    [proposer, confirmer]: readonly [ModelPerson, ModelPerson],
  ): Promise<void> {
    const proposalId = await propose(payout, verdict, proposer)
    if (proposalId === null) return
    // Meanwhile the provider may have answered.
    await clock.sleep(random.below(random.below(2) === 0 ? 5_000 : 15 * MINUTE_MS))
    const said = await confirm(proposalId, confirmer)
    if (said === 'second_person_needed') await confirm(proposalId, confirmer === BEN ? DEE : BEN)
  }

  /** Contrary words about the same payout, confirmed at the same time. */
  async function conflict(payout: Payout, verdict: Verdict): Promise<void> {
    const first = await propose(payout, verdict, ANA)
    const contrary = verdict === 'paid' ? 'dead' : 'paid'
    const second = (await propose(payout, contrary, CAI)) ?? (await propose(payout, 'keep_waiting', CAI))
    const confirmed = [first, second].map((id, place) =>
      id === null ? null : confirm(id, place === 0 ? BEN : DEE),
    )
    const codes = await Promise.all(confirmed)
    if (first !== null && second !== null) sometimes(`two decisions at once: ${codes.toSorted().join(', ')}`)
  }

  /** That it was too early is no look. */
  function comeBack(payout: Payout, fromMs: number): void {
    const key = keyOf(payout)
    opensAtMs.set(key, fromMs)
    looks.set(key, (looks.get(key) ?? 1) - 1)
    homeAtMs = Math.max(homeAtMs, Math.min(fromMs + 2 * patienceMs, needs.untilMs + LATE_MS))
  }

  async function propose(payout: Payout, verdict: Verdict, by: ModelPerson): Promise<string | null> {
    const text = `their word about ${payout.reference}: ${verdict}`
    const file = { name: 'answer.txt', mediaType: 'text/plain', bytes: Buffer.from(text) } as const
    const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
    const covers = { from: day(payout.stateSinceMs), through: day(clock.now()) }
    const isStatement = verdict === 'dead' && random.below(3) === 0
    const asked: DecisionAsked = {
      payout: { number: payout.number, tag: null },
      ...{ verdict, because: text, seen: null },
      after: verdict === 'dead' && random.below(3) === 0 ? 'review' : null,
      evidence:
        verdict === 'keep_waiting'
          ? []
          : [
              isStatement
                ? { ...file, kind: 'statement', covers }
                : { ...file, kind: 'answer', covers: null },
            ],
    }
    const said = await again(() => proposeDecision(parts, actorOf(by), asked))
    if (said?.kind === 'refused') {
      sometimes(`a proposal was refused: ${said.code}`)
      const opens = Date.parse(said.more?.opens_at ?? '')
      if (opens > clock.now()) comeBack(payout, opens)
    }
    return said?.kind === 'proposed' ? said.proposal.proposalId : null
  }

  /** The code of an answer that refuses it, or what became of it; null: nobody knows. */
  async function confirm(proposalId: string, by: ModelPerson): Promise<string | null> {
    const said = await again(() => {
      const code = oneTimeCode(by.factor, Math.floor(clock.now() / 1_000 / CODE_STEP_SECONDS))
      return confirmProposal(parts, actorOf(by), proposalId, code)
    })
    if (said === null) return null
    const word = said.kind === 'refused' ? said.code : said.proposal.state
    sometimes(`a confirmation by people: ${word}`)
    return word
  }

  /** The same again where nobody knows whether it was done, or where a code is used up. */
  async function again<Said extends { readonly kind: string }>(
    act: () => Promise<Said>,
  ): Promise<Said | null> {
    for (let nth = 1; nth <= TRIES_MAX; nth += 1) {
      try {
        const said = await act()
        const isCode = 'code' in said && said.code === 'one_time_code_refused'
        if (!isCode) return said
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error
      }
      await clock.sleep(CODE_STEP_SECONDS * 1_000 + random.below(1_000))
    }
    return null
  }

  void work().catch((error: unknown) => {
    isAtWork = false
    needs.report(
      'M',
      `the desk threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
  })
  return () => isAtWork
}

function keyOf({ merchantId, number }: Payout): string {
  return `${merchantId} ${number}`
}

function actorOf(person: ModelPerson): PersonActor {
  return { kind: 'person', person, credential: `qp_test_${person.name}` }
}

function wordOf(transfer: Transfer | null, isWrong: boolean): Verdict {
  switch (transfer?.state) {
    case 'paid':
      return isWrong ? 'dead' : 'paid'
    case 'pending':
      return isWrong ? 'dead' : 'keep_waiting'
    case 'returned':
      return 'keep_waiting'
    case 'failed':
    case 'waiting':
    case undefined:
      return isWrong ? 'paid' : 'dead'
  }
}
