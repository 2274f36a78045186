import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '25',
  says: 'a lost COMMIT answer inserts a new payout',
  wrap: ports => ({
    ...ports,
    store: {
      ...ports.store,
      async acceptPayouts(batch) {
        try {
          return await ports.store.acceptPayouts(batch)
        } catch {
          const again = batch.map(payout => ({
            ...payout,
            number: payout.number + 500n,
            reference: `${payout.reference}-again`,
            idempotencyKey: null,
          }))
          return ports.store.acceptPayouts(again)
        }
      },
    },
  }),
  direct: options => ({ ...options, rates: { ...options.rates, commit_cut: 0.2 } }),
}
