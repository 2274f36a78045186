import { expect, test } from 'vitest'
import { PROTOCOLS } from '../protocols/registry.ts'
import { holdsSandbox } from './sandbox.ts'
import {
  SANDBOX_MERCHANT_ID,
  SANDBOX_PUBLIC_IDS,
  sandboxCredential,
  sandboxCredentials,
} from './sandbox-credentials.ts'

const PAIR = { privateKey: 'private half', publicKey: 'public half' }
const KEYS = new Map(PROTOCOLS.map(({ name }) => [name, { merchant: PAIR, rail: PAIR }]))
const SIGNING = PROTOCOLS.filter(({ sandbox }) => sandbox?.needsKeys === true).map(({ name }) => name)

test('the sandbox merchant is one merchant at every door', () => {
  const credentials = sandboxCredentials(KEYS)
  expect(new Set(credentials.map(({ door }) => door))).toEqual(new Set(PROTOCOLS.map(({ name }) => name)))
  for (const credential of credentials)
    expect(credential).toMatchObject({ merchantId: SANDBOX_MERCHANT_ID, active: true })
})

test('a door keeps the public half of a key alone; the client has the private one', () => {
  expect(JSON.stringify(sandboxCredentials(KEYS))).not.toContain('private half')
  for (const door of SIGNING) {
    expect(sandboxCredential(door, PAIR)?.settings.private_key).toBe('private half')
    expect(sandboxCredential(door)?.settings.private_key).toBeUndefined()
  }
  expect(sandboxCredential('nobody')).toBeNull()
})

test('a door that needs keys and has none is left out, every other stays', () => {
  const without = new Set(sandboxCredentials(new Map()).map(({ door }) => door))
  for (const { name } of PROTOCOLS) expect(without.has(name)).toBe(!SIGNING.includes(name))
})

test('a database that holds any of the fixed credentials is the demo', () => {
  const empty = {
    ...{ version: 1n, merchants: [], apiKeys: [], credentials: [], providerAccounts: [], routes: [] },
  }
  expect(holdsSandbox(empty)).toBe(false)
  expect(new Set(SANDBOX_PUBLIC_IDS.map(({ door }) => door)).size).toBe(PROTOCOLS.length)
  for (const fixed of SANDBOX_PUBLIC_IDS) {
    const held = { ...fixed, merchantId: 'm', secret: 'another', settings: {}, active: false }
    expect(holdsSandbox({ ...empty, credentials: [held] }), fixed.door).toBe(true)
    expect(holdsSandbox({ ...empty, credentials: [{ ...held, publicId: 'x' }] }), fixed.door).toBe(false)
  }
})
