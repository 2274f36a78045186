import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '32',
  says: 'safe mode is skipped after a restore',
  by: 'I14',
  wrap: ports => ({
    ...ports,
    store: {
      ...ports.store,
      safeModes: async () => [],
      checkInstallation: async () => ({ sign: null, position: '0/1' }),
      claimDue: claim => ports.store.claimDue({ ...claim, noted: null }),
    },
  }),
  direct: options => ({ ...options, rates: { ...options.rates, lost_tail: 1 } }),
}
