import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '29',
  says: 'the notice is not written by the step that it tells',
  patches: [
    {
      file: 'src/dispatch/steps.ts',
      from: 'notices: noticesFor(after, next.to),',
      to: 'notices: [],',
    },
  ],
}
