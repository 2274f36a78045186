import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '06',
  says: 'an unreadable 2xx counts as accepted',
  patches: [
    {
      file: 'src/dispatch/certainty-send.ts',
      from: "return inDoubt('S13', 'unreadable', { alarm: true })",
      to: "return accepted('S16', stepPays_(send) ? 'paid' : 'created', 'none')",
    },
    {
      file: 'src/dispatch/certainty-send.ts',
      from: 'type SendExtras =',
      to: "const stepPays_ = (send: SendFacts): boolean => send.step !== 'first'\ntype SendExtras =",
    },
  ],
}
