import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '02a',
  says: 'a reset connection counts as not sent',
  patches: [
    {
      file: 'src/dispatch/certainty-send.ts',
      from: "if (seen.kind === 'unsent' && (seen.why === 'name' || seen.why === 'connect')) {",
      to: "if ((seen.kind === 'unsent' && (seen.why === 'name' || seen.why === 'connect')) || (seen.kind === 'cut' && seen.why === 'reset')) {",
    },
  ],
}
