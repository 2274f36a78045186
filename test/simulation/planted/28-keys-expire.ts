import type { Planted } from './planted.ts'

/** Ten minutes stand for the twenty-four hours that such keys usually have. */
export const planted: Planted = {
  number: '28',
  says: 'keys and references expire',
  wrap: ports => {
    const seen = new Map<string, number>()
    return {
      ...ports,
      store: {
        ...ports.store,
        acceptPayouts: batch =>
          ports.store.acceptPayouts(
            batch.map(payout => {
              const first = seen.get(payout.reference) ?? payout.createdAtMs
              seen.set(payout.reference, first)
              const isOld = payout.createdAtMs - first > 600_000
              return isOld
                ? { ...payout, reference: `${payout.reference}-later`, idempotencyKey: null }
                : payout
            }),
          ),
      },
    }
  },
  direct: options => ({ ...options, rates: { ...options.rates, repeats: 1 } }),
}
