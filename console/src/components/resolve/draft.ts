import type { DecisionGiven } from '../../api/types.gen.ts'
import { type ChosenFile, evidenceOf } from './evidence-file.ts'
import type { About } from './resolve.tsx'

/** A decision while it is being written. */
export interface Draft {
  readonly verdict: DecisionGiven['verdict']
  /** Counts beside `dead` alone. */
  readonly after: 'failed' | 'review'
  readonly because: string
  readonly files: readonly ChosenFile[]
}

export const EMPTY_DRAFT: Draft = { verdict: 'paid', after: 'failed', because: '', files: [] }

/** As the API takes it. If something was learned since the doubt was shown, nothing is proposed. */
export async function decisionOf(
  { verdict, after, because, files }: Draft,
  about: About,
): Promise<DecisionGiven> {
  const { version, attempt } = about
  return {
    ...{ verdict, because: because.trim() },
    evidence: await Promise.all(files.map(evidenceOf)),
    ...(verdict === 'dead' ? { after } : {}),
    ...(version === undefined || attempt == null ? {} : { seen: { version, revision: attempt.revision } }),
  }
}
