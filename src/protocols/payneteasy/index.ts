import type { Protocol } from '../protocol.ts'
import { payneteasyBuilder } from './builder.ts'
import { payneteasyConnector } from './connector.ts'
import { payneteasyDocument } from './document.ts'
import { payneteasyDoor } from './door.ts'
import { payneteasySandbox } from './sandbox.ts'

/** Payneteasy payouts in two steps: an order is created, and payout-pay releases it. */
export const payneteasy: Protocol = {
  name: 'payneteasy',
  connector: payneteasyConnector,
  proof: null,
  door: payneteasyDoor,
  builder: payneteasyBuilder,
  document: payneteasyDocument,
  sandbox: payneteasySandbox,
}
