// What two people agree on, done in one act. Persons, proposals and their confirmation stand beside the store and are held
// by the database (0006-people.sql, 0009-releases.sql); the model plays what becomes of an agreement, and that one alone is
// none.
import type { SwitchKey } from '../../../src/payout/stop.ts'
import type { PeopleStore } from '../../../src/store/people-store.ts'

export interface NewRelease extends SwitchKey {
  readonly proposedBy: string
  readonly confirmedBy: string
  readonly why: string
}

export interface NewSafeModeRelease {
  readonly providerAccountId: string
  readonly proposedBy: string
  readonly confirmedBy: string
}

export type Released = 'released' | 'not_tripped' | 'one_person'

/** What was asked for after a restore, and what was said of it. */
export interface SweepCounts {
  readonly providerAccountId: string
  readonly said: 'found' | 'not_found' | 'unclear' | 'unaskable' | null
  readonly isOpen: boolean
  readonly count: number
}

/** What a decision by people is made of: there each step is played, because the desk between them is under test. */
export type Decisions = Pick<
  PeopleStore,
  'findDecidable' | 'propose' | 'findProposal' | 'confirmProposal' | 'endProposal' | 'findFactor' | 'useCode'
>

export interface Releases extends Decisions {
  releaseSwitch(release: NewRelease): Promise<Released>
  releaseSafeMode(release: NewSafeModeRelease): Promise<string>
  sweepCounts(): Promise<readonly SweepCounts[]>
}
