import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Protocol, SandboxKeys } from '../protocols/protocol.ts'
import { PROTOCOLS, protocolNamed } from '../protocols/registry.ts'
import { RAIL_MERCHANT_ID, railCredentials, railProtocols, SIMULATED } from './credentials.ts'

const KEYS: SandboxKeys = { privateKey: 'private half', publicKey: 'public half' }

test('a provider is simulated for each protocol that pays, and each serves the doors that show proof too', () => {
  expect(SIMULATED).toEqual(PROTOCOLS.filter(({ connector }) => connector !== null).map(({ name }) => name))
  for (const name of SIMULATED) {
    const [own, ...proving] = railProtocols(name)
    expect(own).toBe(protocolNamed(name))
    expect(proving.map(one => one.name)).toEqual(
      PROTOCOLS.filter(({ proof }) => proof !== null).map(one => one.name),
    )
  }
})

test('a protocol that pays nothing has no provider of its own, and neither has a name that is none', () => {
  for (const { name } of PROTOCOLS.filter(({ connector }) => connector === null))
    expect(railProtocols(name)).toEqual([])
  expect(railProtocols('nobody')).toEqual([])
})

test.each(PROTOCOLS)(
  '$name: its client at the provider is one merchant, and never the one at our own door',
  protocol => {
    const { sandbox } = protocol
    if (sandbox === null) throw new Error('it has a sandbox')
    const theirs = railCredentials(protocol, KEYS)
    expect(theirs.length).toBeGreaterThan(0)
    for (const credential of theirs)
      expect(credential).toMatchObject({ door: protocol.name, merchantId: RAIL_MERCHANT_ID, active: true })
    const ours = sandbox.credentials(sandbox.needsKeys ? KEYS : null)
    const same = theirs.filter(one =>
      ours.some(other => identityOf(one).some(part => identityOf(other).includes(part))),
    )
    expect(same).toEqual([])
  },
)

test('without its keys a door that needs them knows nobody', () => {
  for (const protocol of PROTOCOLS)
    expect(railCredentials(protocol, null).length > 0).toBe(protocol.sandbox?.needsKeys === false)
})

test('no private half is told to a door', () => {
  for (const protocol of PROTOCOLS)
    expect(JSON.stringify(railCredentials(protocol, KEYS))).not.toContain('private half')
})

test('docs/simulator.md prints who we are at each of them', () => {
  const page = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8')
  const printed = [...page.matchAll(/^\| (\w+) \| `([^`]+)` \| `([^`]+)` \|$/gm)].map(row => row.slice(1, 4))
  expect(new Set(printed.map(row => row.join(' ')))).toEqual(new Set(PROTOCOLS.map(presented)))
})

function identityOf({ publicId, secret }: { publicId: string; secret: string }): readonly string[] {
  return [publicId, secret]
}

/** A door that knows only the hash of a key is presented the key. */
function presented(protocol: Protocol): string {
  const [first] = railCredentials(protocol, KEYS)
  return `${protocol.name} ${first?.settings.api_key ?? first?.publicId} ${first?.secret}`
}
