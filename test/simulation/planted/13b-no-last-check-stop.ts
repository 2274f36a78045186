import type { Planted } from './planted.ts'

/** The half of 13 that only the kill switch shows: nothing pauses, so that no send is late by itself. */
export const planted: Planted = {
  number: '13b',
  says: 'the kill switch is not asked between connecting and the first byte',
  by: 'I16',
  patches: [
    {
      file: 'src/dispatch/send-right.ts',
      from: '      switches.stops(scopes) === null &&\n',
      to: '',
    },
  ],
  direct: ({ rates, ...options }) => ({
    ...options,
    rates: { ...rates, kill_switch: 1, store_slow: 0.3, pause: 0, crash: 0, outage: 0, clock_jump: 0 },
  }),
}
