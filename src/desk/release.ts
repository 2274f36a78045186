// Going on after a stop, by two people: what a kill switch or safe mode stopped is sent again. One person proposes, with
// what would go on before its eyes; another one confirms. A release is of the very stop that was shown: where somebody
// tripped the switch once more, or the database was restored once more, it is void.
import { printDecimal } from '../money/decimal.ts'
import type { SwitchKey } from '../payout/stop.ts'
import type {
  Hindrance,
  PeopleStore,
  Proposal,
  StoppedAccount,
  StoppedSwitch,
  Waiting,
} from '../store/people-store.ts'
import { type Actor, mayFor } from './actor.ts'
import {
  type Effect,
  newProposal,
  type ProposalFound,
  type ProposalParts,
  proposeRefusal,
  READERS,
  recordProposal,
} from './proposals.ts'
import { type Refused, refused } from './refused.ts'

/** What is stopped now, for the whole installation. */
export interface Stops {
  readonly switches: readonly StoppedSwitch[]
  readonly accounts: readonly StoppedAccount[]
}

export type StopsFound = ({ readonly kind: 'found' } & Stops) | Refused

export interface SwitchReleaseAsked extends SwitchKey {
  readonly because: string
}

export interface SafeModeReleaseAsked {
  readonly providerAccountId: string
  readonly because: string
}

/** For whoever may read for every merchant: a stop has no merchant of its own. */
export async function findStops({ people }: { people: PeopleStore }, actor: Actor): Promise<StopsFound> {
  if (!mayFor(actor, READERS, null))
    return refused('forbidden', 'To see this takes a role for every merchant.')
  const [switches, accounts] = await Promise.all([people.stoppedSwitches(null), people.stoppedAccounts(null)])
  return { kind: 'found', switches, accounts }
}

/** As the database keeps it with the switch. */
const BECAUSE_LENGTH_MAX = 1_000

function releaseRefusal(
  kind: 'release_switch' | 'release_safe_mode',
  actor: Actor,
  because: string,
): Refused | null {
  if (because.trim() === '' || because.length > BECAUSE_LENGTH_MAX)
    return refused('invalid_request', `Why it is safe has 1 to ${BECAUSE_LENGTH_MAX} characters.`)
  return proposeRefusal(kind, actor, null)
}

export async function proposeSwitchRelease(
  parts: ProposalParts,
  actor: Actor,
  { scope, id, because }: SwitchReleaseAsked,
): Promise<ProposalFound> {
  const may = releaseRefusal('release_switch', actor, because)
  if (may !== null) return may
  const [found] = await parts.people.stoppedSwitches({ scope, id })
  if (found === undefined)
    return refused('not_found', `There is no tripped switch: ${subjectOf({ scope, id })}.`)
  const { trip, by, why, waiting } = found
  const content = { scope, id, trip, because, tripped_by: by, tripped_why: why, waiting: shown(waiting) }
  return record(parts, actor, { kind: 'release_switch', subject: subjectOf(found), content })
}

/** Refused while the sweep goes on, and until the auditor has passed over everything and found it in order. */
export async function proposeSafeModeRelease(
  parts: ProposalParts,
  actor: Actor,
  { providerAccountId, because }: SafeModeReleaseAsked,
): Promise<ProposalFound> {
  const may = releaseRefusal('release_safe_mode', actor, because)
  if (may !== null) return may
  const [found] = await parts.people.stoppedAccounts(providerAccountId)
  if (found === undefined) return refused('not_found', `${providerAccountId} is not in safe mode.`)
  if (found.hindrance !== null) return refused('release_too_early', HINDRANCE_WORDS[found.hindrance])
  const { entry, sign, asked, phantoms } = found
  const content = {
    ...{ entry, sign, because, phantoms, at_risk: shown(found.atRisk), waiting: shown(found.waiting) },
    asked: { found: asked.found, not_found: asked.notFound, unaskable: asked.unaskable },
  }
  return record(parts, actor, { kind: 'release_safe_mode', subject: providerAccountId, content })
}

export const HINDRANCE_WORDS: Readonly<Record<Hindrance, string>> = {
  safe_mode_sweep_goes_on:
    'The sweep goes on: not everything that was here at the restore has been asked for.',
  safe_mode_needs_an_audit: 'The auditor has not passed over everything since safe mode was entered.',
  safe_mode_needs_clean_books: 'The auditor passed over everything, and the books are not clean.',
}

/** What a confirmation of either kind does: the database releases it, where it still is the stop that was shown. */
export async function releaseEffect(proposal: Proposal): Promise<Effect> {
  return proposal.current ? { kind: 'go', steps: [] } : { kind: 'void', why: STOPPED_ANEW }
}

const STOPPED_ANEW =
  'What was to be released is not stopped any more, or was stopped once more since this was proposed. The proposal is void.'

function record(
  parts: ProposalParts,
  actor: Actor,
  about: {
    readonly kind: 'release_switch' | 'release_safe_mode'
    readonly subject: string
    readonly content: unknown
  },
): Promise<ProposalFound> {
  const { kind, ...given } = about
  const unbound = { merchantId: null, payoutNumber: null, attemptNo: null, evidence: [] }
  return recordProposal(parts, newProposal(kind, { ...unbound, ...given }, actor, parts.random))
}

/** Such as `merchant:m_shop`; everything is `global`. */
function subjectOf({ scope, id }: SwitchKey): string {
  return id === '' ? scope : `${scope}:${id}`
}

/** As it is kept with the proposal, for whoever confirms and for later. */
function shown(waiting: readonly Waiting[]) {
  return waiting.map(({ count, amount }) => ({
    count,
    amount: printDecimal(amount),
    currency: amount.currency,
  }))
}
