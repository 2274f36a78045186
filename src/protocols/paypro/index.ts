import type { Protocol } from '../protocol.ts'
import { payproBuilder } from './builder.ts'
import { payproConnector } from './connector.ts'
import { payproDoor } from './door.ts'

/** PayPro payouts to bKash, Rocket and Nagad wallets in Bangladesh. */
export const paypro: Protocol = {
  name: 'paypro',
  connector: payproConnector,
  door: payproDoor,
  builder: payproBuilder,
}
