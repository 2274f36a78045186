import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '12b',
  says: 'the time of a sender is measured by the wall clock alone',
  patches: [
    {
      file: 'src/dispatch/send-right.ts',
      from: 'lastCheck: () => !stopping() && spentMs() < LOST_MARGIN_MS && clock.now() - beganAt < LOST_MARGIN_MS,',
      to: 'lastCheck: () => !stopping() && clock.now() - beganAt < LOST_MARGIN_MS,',
    },
  ],
  direct: options => ({
    ...options,
    rates: { ...options.rates, pause: 0.02, clock_jump: 1 },
  }),
}
