import { expect, test } from 'vitest'
import type { SignedRequest } from '../../api/types.gen.ts'
import { fieldsOf, readFields } from './fields.ts'

function signed(body: string | null): SignedRequest {
  return {
    ...{ object: 'signed_request', protocol: 'paypro', call: 'payout', canonical: '', hashed: '' },
    ...{ algorithm: 'MD5', hex: '', base64: '', curl: '', openssl: null },
    request: { method: 'POST', url: 'http://127.0.0.1/', headers: {}, body },
  }
}

test('a line is a name and whatever stands behind the first =', () => {
  expect(readFields('amount=300\nremark=a=b\n=lost\nalone\n\n empty =')).toEqual({
    ...{ amount: '300', remark: 'a=b', empty: '' },
  })
})

test('the fields of a request are taken without what is signed and dated anew, from JSON and from forms', () => {
  expect(fieldsOf(signed('{"sign":"x","timestamp":"1","amount":"300","shop":202203}'))).toBe(
    'amount=300\nshop=202203',
  )
  expect(fieldsOf(signed('client_orderid=order%201&login=me&control=abc'))).toBe('client_orderid=order 1')
  expect(fieldsOf(signed(null))).toBe('')
})
