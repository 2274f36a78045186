import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '17',
  says: 'failedIsFinalAfter is ignored',
  patches: [
    {
      file: 'src/dispatch/certainty-send.ts',
      from: "failure === 'failed' && contract.failedIsFinalAfterMs === 0) {",
      to: "failure === 'failed') {",
    },
    {
      file: 'src/dispatch/certainty-inquiry.ts',
      from: 'if (contract.failedIsFinalAfterMs === 0) return true',
      to: 'if (contract.failedIsFinalAfterMs >= 0) return true',
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, behaviours: 1 } }),
}
