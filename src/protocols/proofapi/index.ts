import type { Protocol } from '../protocol.ts'
import { proofapiBuilder } from './builder.ts'
import { proofapiConnector } from './connector.ts'
import { proofapiDocument } from './document.ts'
import { proofapiDoor } from './door.ts'
import { proofapiSandbox } from './sandbox.ts'

/** The Payout Proof API: the pictures that prove a payout. It reads; nothing is paid by it. */
export const proofapi: Protocol = {
  name: 'proofapi',
  connector: null,
  proof: proofapiConnector,
  door: proofapiDoor,
  builder: proofapiBuilder,
  document: proofapiDocument,
  sandbox: proofapiSandbox,
}
