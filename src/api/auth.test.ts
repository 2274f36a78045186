import { expect, test } from 'vitest'
import { sha256 } from '../lib/digest.ts'
import type { ApiKey } from '../store/store.ts'
import { authenticate } from './auth.ts'
import { type HeaderValue, TWICE } from './headers.ts'

const SECRET = 'AbCd0123456789AbCd0123456789AbCd0123456789'
function keyOf(whole: string, change: Partial<ApiKey> = {}): ApiKey {
  const parts = whole.split('_')
  return {
    keyId: parts.slice(0, 3).join('_'),
    merchantId: 'm',
    live: parts[1] === 'live',
    hash: sha256(whole),
    scopes: [],
    active: true,
    ...change,
  }
}

function holds(...keys: ApiKey[]) {
  const asked: string[] = []
  const directory = {
    apiKey(keyId: string) {
      asked.push(keyId)
      return keys.find(key => key.keyId === keyId) ?? null
    },
  }
  return { asked, needs: { directory, livemode: false } }
}

test('a key is found by its public half and proven by the whole', () => {
  const { asked, needs } = holds(keyOf(`qk_test_k1_${SECRET}`))
  expect(authenticate(`Bearer qk_test_k1_${SECRET}`, needs)).toMatchObject({
    ok: true,
    key: { keyId: 'qk_test_k1' },
  })
  expect(asked).toEqual(['qk_test_k1'])
})

test('a key without a secret behind its id is its own id: the one of the sandbox', () => {
  const { needs } = holds(keyOf('qk_test_sandbox'))
  expect(authenticate('Bearer qk_test_sandbox', needs).ok).toBe(true)
  expect(authenticate('Bearer qk_test_sandbox_x', needs).ok).toBe(false)
})

test('the public half of a key with a secret does not open anything', () => {
  const { needs } = holds(keyOf(`qk_test_k1_${SECRET}`))
  expect(authenticate('Bearer qk_test_k1', needs).ok).toBe(false)
})

test('an unknown key, a wrong secret, a revoked key, one of the other kind and no key at all are refused alike', () => {
  const live = `qk_live_k3_${SECRET}`
  const revoked = `qk_test_k2_${SECRET}`
  const { needs } = holds(keyOf(`qk_test_k1_${SECRET}`), keyOf(revoked, { active: false }), keyOf(live))
  const values: HeaderValue[] = [
    null,
    TWICE,
    '',
    `Bearer qk_test_k9_${SECRET}`,
    `Bearer qk_test_k1_${SECRET}x`,
    `Bearer qk_test_k1_${SECRET.toLowerCase()}`,
    `Bearer qk_test_k1_${SECRET.slice(1)}`,
    `Bearer ${revoked}`,
    `Bearer ${live}`,
    `Basic qk_test_k1_${SECRET}`,
    `qk_test_k1_${SECRET}`,
    `Bearer  qk_test_k1_${SECRET} x`,
    `Bearer qk_test_k1_${SECRET}\u0000`,
  ]
  const refused = values.map(value => authenticate(value, needs))
  expect(refused.every(one => !one.ok)).toBe(true)
  expect(new Set(refused.map(one => JSON.stringify(one))).size).toBe(1)
  expect(authenticate(`Bearer ${live}`, { ...needs, livemode: true }).ok).toBe(true)
  expect(authenticate(`Bearer qk_test_k1_${SECRET}`, { ...needs, livemode: true }).ok).toBe(false)
})

test('a stored hash of zeros is not opened by a key that is unknown', () => {
  const { needs } = holds(keyOf(`qk_test_k1_${SECRET}`, { hash: new Uint8Array(32) }))
  expect(authenticate(`Bearer qk_test_k1_${SECRET}`, needs).ok).toBe(false)
  expect(authenticate('Bearer ', needs).ok).toBe(false)
})
