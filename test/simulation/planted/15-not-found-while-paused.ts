import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '15',
  says: 'not found counts as dead while the sender is only paused',
  patches: [
    {
      file: 'src/dispatch/certainty-inquiry.ts',
      from: 'if (attempt.lastPossibleByteAtMs === null) return false\n  return nowMs >',
      to: 'if (attempt.lastPossibleByteAtMs === null) return true\n  return nowMs >',
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, pause: 0.03, crash: 0.01 } }),
}
