import type { Planted } from './planted.ts'

/** Its sender was paused beyond its time, and another process has repeated the send meanwhile. */
export const planted: Planted = {
  number: '07b',
  says: 'a send that never left counts as dead although it was repeated',
  patches: [{ file: 'src/dispatch/outcome.ts', from: 'return before.repeats >= sends', to: 'return false' }],
  direct: ({ rates, ...options }) => ({
    ...options,
    hosts: 2,
    accounts: [{ id: 'synthetic1', protocol: 'synthetic', query: true }],
    repeating: 1,
    rates: { ...rates, behaviours: 1, pause: 0.03, crash: 0, clock_jump: 0 },
  }),
}
