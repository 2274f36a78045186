// Which simulated provider the sandbox merchant's payouts go through. What each account can carry is asked of its
// connector, so that a new protocol has its routes without a line here.
import { assert } from '../lib/assert.ts'
import type { CurrencyCode } from '../money/currency.ts'
import { money } from '../money/money.ts'
import { type Beneficiary, beneficiaryMethod, type Method, WALLET_OPERATORS } from '../payout/beneficiary.ts'
import type { ConnectorOrder, ProviderAccount } from '../protocols/protocol.ts'
import { protocolNamed } from '../protocols/registry.ts'
import { DEFAULT_BEHAVIOUR } from '../simulator/magic.ts'

export interface SandboxRoute {
  readonly providerAccountId: string
  readonly currency: CurrencyCode
  readonly method: Method
  /** 10 is tried first, then 20, and so on. */
  readonly priority: number
}

/** A provider account of the sandbox, and in which currencies it pays. */
export interface SandboxAccount {
  readonly account: ProviderAccount
  readonly currencies: readonly CurrencyCode[]
}

/**
 * A route for all that an account can carry. Each account is the first way for one kind of beneficiary, as far as that
 * goes, so that the demo shows every provider at work; whoever carries the least chooses first.
 */
export function sandboxRoutes(accounts: readonly SandboxAccount[]): readonly SandboxRoute[] {
  const carriers = accounts.map(one => ({ account: one.account, loads: loadsOf(one) }))
  const currencies = [...new Set(accounts.flatMap(one => one.currencies))]
  const inOrder = carriers.toSorted(
    (one, other) => one.loads.length - other.loads.length || (one.account.id < other.account.id ? -1 : 1),
  )
  const first = new Map<Kind, Carrier>()
  for (const kind of KINDS) {
    const able = inOrder.filter(carrier => kindsOf(carrier).has(kind))
    const chosen = able.find(carrier => ![...first.values()].includes(carrier)) ?? able[0]
    if (chosen !== undefined) first.set(kind, chosen)
  }
  return currencies.flatMap(currency =>
    BENEFICIARIES.flatMap(beneficiary => {
      const able = inOrder.filter(({ loads }) =>
        loads.some(load => load.currency === currency && load.beneficiary === beneficiary),
      )
      const preferred = first.get(beneficiary.kind)
      const ways = able.toSorted((one, other) => Number(other === preferred) - Number(one === preferred))
      return ways.map(({ account }, place) => ({
        providerAccountId: account.id,
        currency,
        method: beneficiaryMethod(beneficiary),
        priority: (place + 1) * 10,
      }))
    }),
  )
}

type Kind = Beneficiary['kind']

interface Carrier {
  readonly account: ProviderAccount
  readonly loads: readonly Load[]
}

interface Load {
  readonly currency: CurrencyCode
  readonly beneficiary: Beneficiary
}

const KINDS: readonly Kind[] = ['wallet', 'card', 'bank_account']

const BENEFICIARIES: readonly Beneficiary[] = [
  ...WALLET_OPERATORS.map(operator => ({
    ...{ kind: 'wallet' as const, operator },
    number: DEFAULT_BEHAVIOUR.wallet,
  })),
  { kind: 'card', number: DEFAULT_BEHAVIOUR.card },
  { kind: 'bank_account', account: DEFAULT_BEHAVIOUR.bankAccount, bank: 'SANDBOX-BANK', holder: null },
]

function kindsOf({ loads }: Carrier): ReadonlySet<Kind> {
  return new Set(loads.map(({ beneficiary }) => beneficiary.kind))
}

function loadsOf({ account, currencies }: SandboxAccount): readonly Load[] {
  const connector = protocolNamed(account.protocol)?.connector ?? null
  assert(connector !== null, 'an account that pays has a connector')
  const { alphabet, length } = connector.capabilities(account).reference
  const order = { reference: (alphabet[1] ?? alphabet[0] ?? '').repeat(length), description: null }
  return currencies.flatMap(currency =>
    BENEFICIARIES.filter(beneficiary => {
      const asked: ConnectorOrder = {
        ...{ ...order, beneficiary, amount: money(10_000n, currency) },
        // The port of the demo, unless somebody chose another.
        callbackUrl: 'http://127.0.0.1:8080/callbacks/',
      }
      return connector.cannotCarry(asked, account) === null
    }).map(beneficiary => ({ currency, beneficiary })),
  )
}
