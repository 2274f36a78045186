import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '09',
  says: 'the reference is drawn and not derived',
  patches: [
    {
      file: 'src/payout/attempt.ts',
      from: 'const digest = sha256(JSON.stringify([of.merchantId, of.reference, of.attemptNo]))',
      to: 'drawn_ += 1\n  const digest = sha256(JSON.stringify([of.merchantId, of.reference, of.attemptNo, drawn_]))',
    },
    {
      file: 'src/payout/attempt.ts',
      from: 'export const ATTEMPT_STATES',
      to: 'let drawn_ = 0\nexport const ATTEMPT_STATES',
    },
  ],
}
