// Parts of the store that the model does not play yet: nothing is ever tripped, no database was ever restored, and no
// journal is kept. What would change one of them fails loudly, so that no history runs on a part that is not there.
import { AssertionFailed } from '../../../src/lib/assert.ts'
import type { Store } from '../../../src/store/store.ts'

type Unmodelled = Pick<
  Store,
  | 'trippedSwitches'
  | 'tripSwitch'
  | 'switchEvents'
  | 'findIncarnation'
  | 'withOpenSends'
  | 'wakeOpenSends'
  | 'withLiveAttempts'
  | 'checkInstallation'
  | 'installationId'
  | 'sweptJournals'
  | 'safeModes'
  | 'unknownSends'
  | 'claimReferenceQuestions'
  | 'answerReferenceQuestion'
  | 'recordPhantom'
  | 'phantomCount'
  | 'auditorSigns'
>

export const UNMODELLED: Unmodelled = {
  trippedSwitches: async () => [],
  tripSwitch: () => missing('tripSwitch'),
  switchEvents: async () => [],
  findIncarnation: () => missing('findIncarnation'),
  withOpenSends: () => missing('withOpenSends'),
  wakeOpenSends: () => missing('wakeOpenSends'),
  withLiveAttempts: () => missing('withLiveAttempts'),
  checkInstallation: () => missing('checkInstallation'),
  installationId: () => missing('installationId'),
  sweptJournals: async () => [],
  safeModes: async () => [],
  unknownSends: async () => [],
  claimReferenceQuestions: async () => [],
  answerReferenceQuestion: () => missing('answerReferenceQuestion'),
  recordPhantom: () => missing('recordPhantom'),
  phantomCount: async () => 0,
  auditorSigns: () => missing('auditorSigns'),
}

async function missing(name: keyof Unmodelled): Promise<never> {
  throw new AssertionFailed(`the model does not play ${name}`)
}
