import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '22a',
  says: 'the money is released on doubt',
  patches: [
    {
      file: 'src/payout/lifecycle.ts',
      from: "case 'doubt':\n      return step('in_doubt', { attempt: 'in_doubt' })",
      to: "case 'doubt':\n      return step('in_doubt', { attempt: 'in_doubt', recipe: 'fail' })",
    },
  ],
}
