import type { PostmanSigning } from '../protocol.ts'

/** How the requests of this door sign themselves inside Postman. */
export const avanorPostman: PostmanSigning = {
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
}
