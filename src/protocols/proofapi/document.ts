// The door for its readers: the OpenAPI file and the Postman collection are made of this. Facts and bodies are the
// contract's; the example is of the sandbox.
import type { DoorDocument, DoorExample } from '../protocol.ts'
import { PROOFAPI_REFUSALS } from './answer.ts'
import { proofapiPostman } from './postman.ts'
import type { ProofapiStatus } from './status.ts'
import { PROOFAPI_CONTENT_TYPE, PROOFAPI_KEY_HEADER, PROOFAPI_PATH } from './wire.ts'

export const proofapiDocument: DoorDocument = {
  postman: proofapiPostman,
  title: 'Payout Proof API',
  description:
    'Reads the images that prove a payout, by partner and order. Two layers have to hold: the API key in a header, and a ' +
    'signature over the request. Decide on `status` and never on HTTP alone: two refusals are HTTP 200.',
  operations: [
    {
      call: 'proof',
      method: 'POST',
      path: PROOFAPI_PATH,
      summary: 'Read the proof images of an order',
      description:
        'By the reference under which the merchant asked for the payout, at whichever door. It only reads, may be asked ' +
        'again (60 times a minute for each key) and answers what is known at present: images can arrive after the ' +
        'payment. At most 10 images and 8 MiB, PNG or JPEG.',
      contentType: PROOFAPI_CONTENT_TYPE,
      fields: [
        {
          name: PROOFAPI_KEY_HEADER,
          in: 'header',
          type: 'string',
          required: true,
          description: 'The API key. Header names have no letter case.',
          example: 'sandbox-proof-api-key',
        },
        {
          name: 'pid',
          in: 'body',
          type: 'string',
          required: true,
          description: 'The partner id, 1 to 64 characters.',
          example: 'PID001',
        },
        {
          name: 'order_id',
          in: 'body',
          type: 'string',
          required: true,
          description: 'The reference of the payout, 1 to 128 characters.',
          example: 'ORDER_123456',
        },
        {
          name: 'signature',
          in: 'body',
          type: 'string',
          required: true,
          description: 'SHA-256 of pid, secret and order_id with nothing between them, in lowercase hex.',
          example: 'b98affccd04167914ae597102c522c04887036f977fd48f7e68e61f7009d856d',
        },
      ],
      answers: [
        found('Approved', [onePixel()], 'The payout is paid; these images prove it.'),
        found('Pending', [], 'The payout is known and has not ended.'),
        ...Object.values(PROOFAPI_REFUSALS).map(refused),
      ],
    },
  ],
}

function found(
  transactionStatus: ProofapiStatus,
  images: readonly string[],
  description: string,
): DoorExample {
  const body = {
    status: 'success',
    order_id: 'ORDER_123456',
    transaction_status: transactionStatus,
    proof_images: images,
  }
  return { status: 200, contentType: PROOFAPI_CONTENT_TYPE, description, body: JSON.stringify(body) }
}

function refused({ status, message }: { readonly status: number; readonly message: string }): DoorExample {
  return {
    status,
    contentType: PROOFAPI_CONTENT_TYPE,
    description: `Refused: ${message}.`,
    body: JSON.stringify({ status: 'error', message }),
  }
}

/** A whole PNG of one pixel. */
function onePixel(): string {
  return (
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ' +
    'AAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
  )
}
