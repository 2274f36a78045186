// What two people release together, as the database has it: one proposes, the other confirms with a code, and the effect
// stands in the transaction of the second one's word.
import { AssertionFailed } from '../../../src/lib/assert.ts'
import type { PeopleStore } from '../../../src/store/people-store.ts'
import { BEN, CAI } from '../model/persons.ts'
import type { NewRelease, Released, Releases } from '../model/releases.ts'

/** `nextCode`: the number of a proposal and of the code that confirms it; each is used once in a history. */
export function releasesOf(
  people: PeopleStore,
  nextCode: () => number,
): Pick<Releases, 'releaseSwitch' | 'releaseSafeMode' | 'sweepCounts'> {
  async function releaseSwitch({ scope, id, proposedBy, confirmedBy, why }: NewRelease): Promise<Released> {
    const [found] = await people.stoppedSwitches({ scope, id })
    if (found === undefined) return 'not_tripped'
    const nth = nextCode()
    const proposalId = `pr_release${String(nth).padStart(9, '0')}`
    const [proposer, confirmer] = [personIdOf(proposedBy), personIdOf(confirmedBy)]
    const credential = 'qp_test_release'
    await people.propose({
      ...{ proposalId, kind: 'release_switch', merchantId: null, subject: `${scope} ${id}`, credential },
      ...{ payoutNumber: null, attemptNo: null, proposedBy: proposer, confirmedByRole: 'approver' },
      ...{
        content: { scope, id, trip: found.trip, because: why, nth },
        expiresInMs: 60_000,
        evidence: [],
      },
    })
    await people.useCode(confirmer, credential, nth)
    const said = await people.confirmProposal({
      ...{ proposalId, personId: confirmer, credential, codeStep: nth, steps: [] },
    })
    if (said.kind === 'confirmed') return 'released'
    if (said.kind === 'refused' && said.rule === 'agreement_is_of_two') {
      await people.endProposal({ proposalId, to: 'void', by: proposer, credential, why: 'alone' })
      return 'one_person'
    }
    throw new AssertionFailed(`a release is ${JSON.stringify(said)}`)
  }

  return {
    releaseSwitch,
    releaseSafeMode: () => missing('releaseSafeMode'),
    sweepCounts: () => missing('sweepCounts'),
  }
}

/** Behind the codes by which the persons were let in. */
export const FIRST_CODE = 1_000

/** Both may confirm, and the first of them may propose. */
function personIdOf(name: string): string {
  return (name.trim().toLowerCase() === 'ana' ? CAI : BEN).personId
}

async function missing(name: keyof Releases): Promise<never> {
  throw new AssertionFailed(`nothing is restored over Postgres, so nobody asks for ${name}`)
}
