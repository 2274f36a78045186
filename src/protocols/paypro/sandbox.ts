import type { ProtocolSandbox } from '../protocol.ts'

const RAIL = { publicId: '9000000001', secret: 'simulated-paypro-secret', settings: {} }

export const payproSandbox: ProtocolSandbox = {
  needsKeys: false,
  credentials: () => [{ publicId: '1000000001', secret: 'sandbox-paypro-secret', settings: {} }],
  rail: {
    credentials: () => [RAIL],
    accountSettings: () => ({
      merchant_no: RAIL.publicId,
      secret: RAIL.secret,
      // What its operator would have told us. Insufficient balance: nothing is kept of what it refuses so.
      proven_refusals: '990010',
      returned_status: '990020',
    }),
    currencies: ['BDT'],
  },
}
