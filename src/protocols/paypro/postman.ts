import type { PostmanSigning } from '../protocol.ts'

/** How the requests of this door sign themselves inside Postman. */
export const payproPostman: PostmanSigning = {
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
}
