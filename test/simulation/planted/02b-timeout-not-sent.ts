import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '02b',
  says: 'a header time-out counts as not sent',
  patches: [
    {
      file: 'src/dispatch/certainty-send.ts',
      from: "if (seen.kind === 'unsent' && (seen.why === 'name' || seen.why === 'connect')) {",
      to: "if ((seen.kind === 'unsent' && (seen.why === 'name' || seen.why === 'connect')) || (seen.kind === 'cut' && seen.why === 'timeout')) {",
    },
  ],
}
