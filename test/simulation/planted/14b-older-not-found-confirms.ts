import type { Planted } from './planted.ts'

/** The race is too rare for histories: a look that is older than a refusal, and recorded after it. */
export const planted: Planted = {
  number: '14b',
  says: 'not found confirms a refusal that came after the question',
  test: 'src/dispatch/look.test.ts',
  patches: [
    {
      file: 'src/dispatch/look.ts',
      from: 'refusedOnOnlySend: facts.refusedOnOnlySend && parseFacts(look.due.facts).refusedOnOnlySend,',
      to: 'refusedOnOnlySend: facts.refusedOnOnlySend,',
    },
  ],
}
