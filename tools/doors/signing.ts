// How each collection folder signs its own requests inside Postman. A door without a row gets one example of each call,
// signed by its builder, and a note that says so.

export interface DoorSigning {
  /** Runs in front of every request of the folder; sets the variables that its templates name. */
  readonly script: readonly string[]
  /** Postman's own helper, where it knows the scheme. */
  readonly auth: object | null
  /** Variables beside `<door>_id` and `<door>_secret`, with what a person puts there. */
  readonly variables: readonly { readonly key: string; readonly description: string }[]
}

export const DOOR_SIGNING: Readonly<Record<string, DoorSigning>> = {
  paypro: {
    script: [
      "const CryptoJS = require('crypto-js')",
      "pm.variables.set('timestamp', String(Date.now()))",
      "pm.variables.set('reference', 'postman' + Date.now() + Math.random().toString(36).slice(2, 8))",
      'const fields = JSON.parse(pm.variables.replaceIn(pm.request.body.raw))',
      "const names = Object.keys(fields).filter(name => name !== 'sign' && fields[name] !== '').sort()",
      "const text = names.map(name => name + '=' + fields[name]).join('')",
      "const secret = pm.variables.get('paypro_secret')",
      "pm.variables.set('sign', CryptoJS.MD5(text + secret).toString())",
    ],
    auth: null,
    variables: [],
  },
  avanor: {
    script: [
      "const CryptoJS = require('crypto-js')",
      'const SIGNED = {',
      "  'withdraw/status': ['now', 'shop_id', 'withdraw_id'],",
      "  'withdraw/shop_payment_status': ['now', 'shop_id', 'shop_payment_id'],",
      "  'withdraw/create': ['account', 'amount', 'amount_type', 'payway', 'shop_currency', 'shop_id', 'shop_payment_id'],",
      "  'withdraw/try': ['amount', 'amount_type', 'payway', 'shop_currency', 'shop_id'],",
      "  'check_account': ['account', 'amount', 'payway', 'shop_id'],",
      "  'shop_output_config/shop': ['now', 'shop_id'],",
      "  'shop_balance': ['now', 'shop_id'],",
      '}',
      "pm.variables.set('now', new Date().toISOString().slice(0, 19))",
      "pm.variables.set('reference', 'postman' + Date.now() + Math.random().toString(36).slice(2, 8))",
      'const fields = JSON.parse(pm.variables.replaceIn(pm.request.body.raw))',
      'const path = pm.request.url.getPath()',
      "const call = Object.keys(SIGNED).find(name => path.endsWith('/' + name))",
      "const text = SIGNED[call].map(name => fields[name]).join(':')",
      "const secret = pm.variables.get('avanor_secret')",
      "pm.variables.set('sign', CryptoJS.SHA256(text + secret).toString())",
    ],
    auth: null,
    variables: [],
  },
  proofapi: {
    script: [
      "const CryptoJS = require('crypto-js')",
      'const fields = JSON.parse(pm.variables.replaceIn(pm.request.body.raw))',
      "const text = fields.pid + pm.variables.get('proofapi_secret') + fields.order_id",
      "pm.variables.set('signature', CryptoJS.SHA256(text).toString())",
    ],
    auth: null,
    variables: [],
  },
  payneteasy: {
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
  },
}
