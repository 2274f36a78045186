import type { Protocol } from '../protocol.ts'
import { avanorBuilder } from './builder.ts'
import { avanorConnector } from './connector.ts'
import { avanorDocument } from './document.ts'
import { avanorDoor } from './door.ts'
import { avanorSandbox } from './sandbox.ts'

/** Avanor payouts to cards, bank accounts and wallets: created, and asked about by either id. */
export const avanor: Protocol = {
  name: 'avanor',
  connector: avanorConnector,
  proof: null,
  door: avanorDoor,
  builder: avanorBuilder,
  document: avanorDocument,
  sandbox: avanorSandbox,
}
