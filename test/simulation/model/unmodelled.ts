// Parts of the store that the model does not play yet: no database was ever restored. What would change one of them fails
// loudly, so that no history runs on a part that is not there.
import { AssertionFailed } from '../../../src/lib/assert.ts'
import type { Store } from '../../../src/store/store.ts'

type Unmodelled = Pick<
  Store,
  | 'checkInstallation'
  | 'sweptJournals'
  | 'safeModes'
  | 'releaseSafeMode'
  | 'unknownSends'
  | 'claimReferenceQuestions'
  | 'answerReferenceQuestion'
  | 'recordPhantom'
  | 'safeModeFindings'
  | 'sweepCounts'
  | 'phantomCount'
  | 'auditorSigns'
>

export const UNMODELLED: Unmodelled = {
  checkInstallation: () => missing('checkInstallation'),
  sweptJournals: async () => [],
  safeModes: async () => [],
  releaseSafeMode: () => missing('releaseSafeMode'),
  unknownSends: async () => [],
  claimReferenceQuestions: async () => [],
  answerReferenceQuestion: () => missing('answerReferenceQuestion'),
  recordPhantom: () => missing('recordPhantom'),
  safeModeFindings: async () => [],
  sweepCounts: async () => [],
  phantomCount: async () => 0,
  auditorSigns: () => missing('auditorSigns'),
}

async function missing(name: keyof Unmodelled): Promise<never> {
  throw new AssertionFailed(`the model does not play ${name}`)
}
