import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '31',
  says: 'the kill switch is cached for 30 seconds',
  by: 'I16',
  patches: [
    {
      file: 'src/dispatch/switches.ts',
      from: 'return clock.monotonic() - seenAt > SWITCH_AGE_MS_MAX || clock.now() - seenAtWall > SWITCH_AGE_MS_MAX',
      to: 'return clock.monotonic() - seenAt > 31_000',
    },
    { file: 'src/dispatch/switches.ts', from: 'pollMs: () => SWITCH_POLL_MS', to: 'pollMs: () => 30_000' },
  ],
  direct: ({ rates, ...options }) => ({
    ...options,
    rates: { ...rates, kill_switch: 1, store_slow: 0.3, pause: 0, crash: 0, outage: 0, clock_jump: 0 },
  }),
}
