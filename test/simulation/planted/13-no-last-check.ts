import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '13',
  says: 'there is no last check between connecting and the first byte',
  patches: [
    {
      file: 'src/dispatch/send-right.ts',
      from: 'lastCheck: () =>\n      !stopping() &&',
      to: 'lastCheck: () =>\n      true ||',
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, pause: 0.03 } }),
}
