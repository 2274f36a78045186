import type { Protocol } from '../protocol.ts'
import { payproBuilder } from './builder.ts'
import { payproConnector } from './connector.ts'
import { payproDocument } from './document.ts'
import { payproDoor } from './door.ts'
import { payproSandbox } from './sandbox.ts'

/** PayPro payouts to bKash, Rocket and Nagad wallets in Bangladesh. */
export const paypro: Protocol = {
  name: 'paypro',
  connector: payproConnector,
  proof: null,
  door: payproDoor,
  builder: payproBuilder,
  document: payproDocument,
  sandbox: payproSandbox,
}
