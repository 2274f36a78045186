import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '12b',
  says: 'the time of a sender is measured by the wall clock',
  patches: [
    {
      file: 'src/dispatch/send-right.ts',
      from: 'const spentMs = () => clock.monotonic() - began',
      to: 'const spentMs = () => clock.now() - beganAt',
    },
  ],
  direct: ({ rates, ...options }) => ({
    ...options,
    rates: { ...rates, clock_jump: 1, pause: 0.03, store_slow: 0.3 },
  }),
}
