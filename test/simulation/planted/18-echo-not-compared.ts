import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '18',
  says: "amount and reference of an inquiry's answer are not compared",
  patches: [
    {
      file: 'src/dispatch/certainty-inquiry.ts',
      from: 'if (speaksOfAnother(answer, attempt.theirId)) {',
      to: 'if (contract.ratePerSecond < 0 && speaksOfAnother(answer, attempt.theirId)) {',
    },
    {
      file: 'src/dispatch/certainty-inquiry.ts',
      from: "if (said !== 'not_found' && lacksEcho(answer, contract.echoes.inquiry)) {",
      to: "if (contract.ratePerSecond < 0 && said !== 'not_found' && lacksEcho(answer, contract.echoes.inquiry)) {",
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, behaviours: 1 } }),
}
