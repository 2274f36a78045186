import { assert } from '../../lib/assert.ts'
import type { ProtocolSandbox, SandboxCredential, SandboxKeys } from '../protocol.ts'

const RAIL = {
  publicId: 'simulated-merchant',
  secret: 'simulated-merchant-control',
  endpoints: '99915=EUR,99916=USD,99917=BDT',
}

export const payneteasySandbox: ProtocolSandbox = {
  needsKeys: true,
  credentials: keys => [
    credential(keys, {
      publicId: 'test-merchant',
      secret: 'sandbox-merchant-control',
      endpoints: '39915=EUR,39916=USD,39917=BDT',
      groups: '1=39915+39916+39917',
    }),
  ],
  rail: {
    credentials: keys => [credential(keys, { ...RAIL, groups: '9=99915+99916+99917' })],
    accountSettings: keys => ({
      consumer_key: RAIL.publicId,
      login: RAIL.publicId,
      private_key: needed(keys).privateKey,
      merchant_control: RAIL.secret,
      endpoints: RAIL.endpoints,
      // This door never says "approved" of a check, so nobody has to wait for it.
      pay_at_once: 'yes',
    }),
    currencies: ['EUR', 'USD', 'BDT'],
  },
}

interface Parts {
  readonly publicId: string
  readonly secret: string
  readonly endpoints: string
  readonly groups: string
}

function credential(
  keys: SandboxKeys | null,
  { publicId, secret, endpoints, groups }: Parts,
): SandboxCredential {
  const { publicKey } = needed(keys)
  return { publicId, secret, settings: { public_key: publicKey, logins: publicId, endpoints, groups } }
}

function needed(keys: SandboxKeys | null): SandboxKeys {
  assert(keys !== null, 'this sandbox signs with keys, which are made at the first start')
  return keys
}
