// Accounts of ours at a provider: what may be relied on there, and which settings are turned away before anything is sent.
import { describe, expect, test } from 'vitest'
import { declareCapabilities } from './capabilities.ts'
import { conformanceMoment } from './conformance.fixture.ts'
import { loadConformances } from './conformance-load.fixture.ts'

const { examined } = await loadConformances(name => import(`./${name}/conformance.fixture.ts`))

// The connector and the proof connector of a protocol keep the same promises about their accounts.
const sides = examined.flatMap(({ protocol, conformance }) => {
  const { secrets } = conformance.transcripts
  return [
    { name: protocol.name, side: protocol.connector, accounts: conformance.connector?.accounts, secrets },
    {
      name: `${protocol.name} (proof)`,
      side: protocol.proof,
      accounts: conformance.proof?.accounts,
      secrets,
    },
  ].flatMap(({ name, side, accounts }) =>
    side === null || accounts === undefined ? [] : [{ name, side, accounts, secrets }],
  )
})

describe.each(sides)('$name', ({ side, accounts, secrets }) => {
  test('its capabilities load, and are the same when they are loaded from what is stored', () => {
    for (const good of accounts.good) {
      const capabilities = side.capabilities(good)
      expect(declareCapabilities(JSON.parse(JSON.stringify(capabilities)))).toEqual(capabilities)
      expect(side.checkAccount(good)).toBeNull()
    }
  })

  test('an account that is not complete is refused with a sentence that holds no secret', () => {
    for (const [place, bad] of accounts.bad.entries()) {
      const why = side.checkAccount(bad)
      expect([place, why]).toEqual([place, expect.stringMatching(/\w+ \w+/)])
      for (const secret of secrets) expect(why).not.toContain(secret)
    }
  })

  test('an address that is none, or ends in a slash, is no base URL', () => {
    for (const good of accounts.good) {
      for (const baseUrl of [
        '',
        'provider.example',
        `${good.baseUrl}/`,
        `${good.baseUrl}?x=1`,
        'ftp://x.example',
      ]) {
        expect([baseUrl, side.checkAccount({ ...good, baseUrl })]).toEqual([baseUrl, expect.any(String)])
      }
    }
  })

  test('a setting that nobody knows is refused: a misspelt one would silently be the default', () => {
    const [good] = accounts.good
    if (good === undefined) throw new Error('a good account')
    const settings = { ...good.settings, nobody_knows_this: 'x' }
    expect(side.checkAccount({ ...good, settings })).toEqual(expect.any(String))
  })
})

const connectors = examined.flatMap(({ protocol: { name, connector }, conformance: { connector: part } }) =>
  connector === null || part === null ? [] : [{ name, connector, part }],
)

describe.each(connectors)('$name, before anything is sent', ({ connector, part }) => {
  test('each order of the run can be carried, and its request goes to the account and stays the same', () => {
    for (const { order, account } of part.pairs) {
      expect([order.reference, connector.cannotCarry(order, account)]).toEqual([order.reference, null])
      const subject = { ...part.statuses.subject, reference: order.reference, amount: order.amount }
      const asks = [
        () => connector.pay(order, account, conformanceMoment()),
        () => connector.inquire(subject, account, conformanceMoment()),
      ]
      for (const ask of asks) {
        expect(ask().url.startsWith(`${account.baseUrl}/`)).toBe(true)
        expect(ask()).toEqual(ask())
      }
    }
  })

  test('no more than the contract carries: nothing, less than nothing, and more than any account holds', () => {
    for (const { order, account } of part.pairs) {
      for (const minor of [0n, -1n, 10n ** 30n]) {
        const amount = { ...order.amount, minor }
        const why = connector.cannotCarry({ ...order, amount }, account)
        expect([minor, why]).toEqual([minor, expect.any(String)])
      }
    }
  })

  test('the form of our reference is one that the run carries', () => {
    for (const { order, account } of part.pairs) {
      const { alphabet, length } = connector.capabilities(account).reference
      const reference = Array.from({ length }, (_, place) => alphabet[place % alphabet.length]).join('')
      expect(connector.cannotCarry({ ...order, reference }, account)).toBeNull()
    }
  })

  test('a second step is there exactly where the contract has two', () => {
    for (const good of part.accounts.good)
      expect(connector.capabilities(good).twoStep).toBe(connector.commit !== null)
  })
})

test('a proof connector says that there is proof, and asks on a schedule that grows', () => {
  for (const { protocol, conformance } of examined) {
    const { proof } = protocol
    if (proof === null || conformance.proof === null) continue
    expect(proof.capabilities(conformance.proof.account).proof).toBe(true)
    const sorted = [...new Set(proof.scheduleMs)].sort((one, other) => one - other)
    expect(proof.scheduleMs).toEqual(sorted)
    expect(proof.scheduleMs.length).toBeGreaterThan(0)
  }
  expect(examined.length).toBeGreaterThan(0)
})
