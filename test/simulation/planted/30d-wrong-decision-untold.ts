import type { Planted } from './planted.ts'

/** Only people who were told wrongly show it, or a provider that broke its contract. */
export const planted: Planted = {
  number: '30d',
  says: 'what speaks against a decision of two people is told to nobody',
  by: 'I2',
  patches: [
    {
      file: 'src/dispatch/certainty-inquiry.ts',
      from: "const extras = { alarm: true, incident: 'paid_after_death', stopsAccount: true, recall } as const",
      to: 'const extras = { alarm: true, incident: null, stopsAccount: false, recall } as const',
    },
  ],
  direct: ({ rates, ...options }) => ({
    ...options,
    broken: true,
    accounts: [{ id: 'synthetic1', protocol: 'synthetic', query: true }],
    rates: { ...rates, decisions: 1, behaviours: 1, callback_dropped: 0 },
  }),
}
