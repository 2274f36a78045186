import type { PostmanSigning } from '../protocol.ts'

/** How the requests of this door sign themselves inside Postman. */
export const proofapiPostman: PostmanSigning = {
  script: [
    "const CryptoJS = require('crypto-js')",
    'const fields = JSON.parse(pm.variables.replaceIn(pm.request.body.raw))',
    "const text = fields.pid + pm.variables.get('proofapi_secret') + fields.order_id",
    "pm.variables.set('signature', CryptoJS.SHA256(text).toString())",
  ],
  auth: null,
  variables: [],
}
