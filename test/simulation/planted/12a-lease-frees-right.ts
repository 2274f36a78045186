import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '12a',
  says: 'a lease that ends frees the send right',
  patches: [
    {
      file: 'src/dispatch/lost.ts',
      from: "{ kind: 'cut', why: 'lost' },",
      to: "{ kind: 'unsent', why: 'stopped' },",
    },
    {
      file: 'src/dispatch/lost.ts',
      from: "afterDeath: { next: 'review' },\n      premises: null,",
      to: "afterDeath: { next: 'queued', dueInMs: 0, counted: false },\n      premises: { row: 'S1' },",
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, crash: 0.02, pause: 0.02 } }),
}
