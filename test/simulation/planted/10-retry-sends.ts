import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '10',
  says: 'an intent whose commit failed is sent all the same',
  patches: [
    {
      file: 'src/dispatch/send-right.ts',
      from: "if (!(error instanceof Unavailable)) needs.failed(error)\n    return { kind: 'unavailable' }",
      to: "if (!(error instanceof Unavailable)) needs.failed(error)\n    return { kind: 'committed', version: step.version + 1 }",
    },
  ],
}
