// What people need of the store, beside what payouts need: an interface of its own, under the same rules as store.ts.
// Each function is one whole transaction and may throw `Unavailable`; the id of a proposal then tells what became of it.
import type { Seal } from '../lib/seal.ts'
import type { SwitchKey } from '../payout/stop.ts'
import { contractsOf } from './contracts.ts'
import { type DoubtPage, type Doubts, findDecidable, listDoubts } from './doubts.ts'
import * as people from './people.ts'
import type { Pool } from './postgres.ts'
import * as proposals from './proposals.ts'
import { type StoppedAccount, type StoppedSwitch, stoppedAccounts, stoppedSwitches } from './stops.ts'
import type { PayoutAndAttempt } from './store.ts'
import { wholeStatements } from './whole.ts'

export type {
  DoubtExchange,
  DoubtIncident,
  DoubtKind,
  DoubtPage,
  Doubts,
  DoubtTotal,
  StoredDoubt,
} from './doubts.ts'
export type { CodeUsed, Grant, KeyedPerson, NewPerson, Person, PersonAdded } from './people.ts'
export type {
  Confirmation,
  NewEvidence,
  NewProposal,
  Proposal,
  ProposalConfirmed,
  ProposalPage,
  ProposalState,
  Proposed,
  StoredEvidence,
} from './proposals.ts'

export type { Hindrance, ReferencesAsked, StoppedAccount, StoppedSwitch, Waiting } from './stops.ts'

export interface PeopleStore {
  /** Lets in one of the first two; every later one waits for two people to agree on it. */
  addPerson(person: people.NewPerson): Promise<people.PersonAdded>
  /** For good: whoever was stopped is not let in again. False: there is nobody to stop. */
  stopPerson(personId: string, by: string): Promise<boolean>
  listPersons(): Promise<readonly people.Person[]>
  findPersonByKey(keyId: string): Promise<people.KeyedPerson | null>
  findFactor(personId: string): Promise<Uint8Array | null>
  useCode(personId: string, credential: string, step: number | null): Promise<people.CodeUsed>

  propose(proposal: proposals.NewProposal): Promise<proposals.Proposed>
  findProposal(proposalId: string): Promise<proposals.Proposal | null>
  listProposals(page: proposals.ProposalPage): Promise<readonly proposals.Proposal[]>
  /** Agreement, effect and record in one commit, or nothing of them. */
  confirmProposal(confirmation: proposals.Confirmation): Promise<proposals.ProposalConfirmed>
  endProposal(end: Parameters<typeof proposals.endProposal>[1]): Promise<proposals.ProposalState | null>
  readEvidence(
    of: { readonly proposalId: string; readonly evidenceNo: number },
    by: { readonly who: string; readonly credential: string },
  ): Promise<proposals.StoredEvidence | null>

  /** What is stopped, and what would go on; null: all of it. */
  stoppedSwitches(only: SwitchKey | null): Promise<readonly StoppedSwitch[]>
  stoppedAccounts(only: string | null): Promise<readonly StoppedAccount[]>

  listDoubts(page: DoubtPage): Promise<Doubts>
  findDecidable(of: {
    readonly merchants: readonly string[] | null
    readonly number: bigint
  }): Promise<Decidable | null>
}

/** A payout with what a decision about it needs. `maker`: the person behind it, where that is known. */
export interface Decidable extends PayoutAndAttempt {
  readonly nowMs: number
  readonly maker: string | null
  /** The revision with which something new was last known of the attempt; 0 without one. */
  readonly learned: number
}

export function openPeopleStore({ pool, seal }: { pool: Pool; seal: Seal }): PeopleStore {
  const whole = wholeStatements(pool)
  const contracts = contractsOf(whole)
  return {
    addPerson: person => people.addPerson(whole, seal, person),
    stopPerson: (personId, by) => people.stopPerson(whole, personId, by),
    listPersons: () => people.listPersons(whole),
    findPersonByKey: keyId => people.findPersonByKey(whole, keyId),
    findFactor: personId => people.findFactor(whole, seal, personId),
    useCode: (personId, credential, step) => people.useCode(whole, personId, credential, step),

    propose: proposal => proposals.propose(whole, seal, proposal),
    findProposal: proposalId => proposals.findProposal(whole, proposalId),
    listProposals: page => proposals.listProposals(whole, page),
    confirmProposal: confirmation => proposals.confirmProposal(whole, contracts, confirmation),
    endProposal: end => proposals.endProposal(whole, end),
    readEvidence: (of, by) => proposals.readEvidence(whole, seal, of, by),

    stoppedSwitches: only => stoppedSwitches(whole, only),
    stoppedAccounts: only => stoppedAccounts(whole, only),

    listDoubts: page => listDoubts(whole, seal, contracts, page),
    findDecidable: of => findDecidable(whole, seal, contracts, of),
  }
}
