import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '08a',
  says: 'the idempotency window is ignored',
  by: 'I2',
  patches: [
    {
      file: 'src/dispatch/may-repeat.ts',
      from: 'return takesRepeats(contract) ? contract.idempotencyWindowMs / 2 : 0',
      to: 'return takesRepeats(contract) ? Number.POSITIVE_INFINITY : 0',
    },
  ],
  direct: ({ rates, ...options }) => ({
    ...options,
    accounts: [{ id: 'synthetic1', protocol: 'synthetic', query: true }],
    repeating: 1,
    rates: { ...rates, behaviours: 1, line: 0.3 },
  }),
}
