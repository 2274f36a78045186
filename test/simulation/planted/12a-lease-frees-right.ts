import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '12a',
  says: 'a lease that ends frees the send right',
  patches: [
    {
      file: 'src/dispatch/lost.ts',
      from: "proven === null ? { kind: 'cut', why: 'lost' } : { kind: 'unsent', why: 'unjournaled' },",
      to: "{ kind: 'unsent', why: 'stopped' },",
    },
    {
      file: 'src/dispatch/lost.ts',
      from: 'proven === null ? null : { row,',
      to: "proven === null ? { row: 'S1' } : { row,",
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, crash: 0.02, pause: 0.02 } }),
}
