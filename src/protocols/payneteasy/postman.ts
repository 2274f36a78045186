import type { PostmanSigning } from '../protocol.ts'

/** How the requests of this door sign themselves inside Postman. */
export const payneteasyPostman: PostmanSigning = {
  script: [
    "const CryptoJS = require('crypto-js')",
    "pm.variables.set('reference', 'postman' + Date.now() + Math.random().toString(36).slice(2, 8))",
    "const value = name => pm.variables.replaceIn(pm.request.body.urlencoded.get(name) || '')",
    "const text = value('login') + value('client_orderid') + value('orderid')",
    "pm.variables.set('control', CryptoJS.SHA1(text + pm.variables.get('payneteasy_secret')).toString())",
  ],
  auth: {
    type: 'oauth1',
    oauth1: [
      { key: 'signatureMethod', value: 'RSA-SHA256', type: 'string' },
      { key: 'consumerKey', value: '{{payneteasy_id}}', type: 'string' },
      { key: 'privateKey', value: '{{payneteasy_private_key}}', type: 'string' },
      { key: 'version', value: '1.0', type: 'string' },
      { key: 'addParamsToHeader', value: true, type: 'boolean' },
      { key: 'addEmptyParamsToSign', value: true, type: 'boolean' },
      { key: 'includeBodyHash', value: false, type: 'boolean' },
      { key: 'token', value: '', type: 'string' },
      { key: 'tokenSecret', value: '', type: 'string' },
      { key: 'realm', value: '', type: 'string' },
    ],
  },
  variables: [
    {
      key: 'payneteasy_private_key',
      description: 'PEM; the demo writes its own to .quittance/sandbox/payneteasy-private-key.pem',
    },
  ],
}
