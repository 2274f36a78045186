// What people may stop, and the sentence of a payout that waits because they did. Pure.

/** The scopes of the kill switch, the widest first. `rail`: all provider accounts of one protocol. */
export const SWITCH_SCOPES = ['global', 'merchant', 'currency', 'rail', 'provider_account'] as const
export type SwitchScope = (typeof SWITCH_SCOPES)[number]

/** One switch. `id` is empty for the global one, and only for that. */
export interface SwitchKey {
  readonly scope: SwitchScope
  readonly id: string
}

/** What a send belongs to: a tripped switch of any of these stops it. */
export interface SendScopes {
  readonly merchantId: string
  readonly currency: string
  /** The protocol of the provider account. */
  readonly rail: string
  readonly providerAccountId: string
}

/** The switches that stop a send, the widest first. */
export function switchesOf({
  merchantId,
  currency,
  rail,
  providerAccountId,
}: SendScopes): readonly SwitchKey[] {
  return [
    { scope: 'global', id: '' },
    { scope: 'merchant', id: merchantId },
    { scope: 'currency', id: currency },
    { scope: 'rail', id: rail },
    { scope: 'provider_account', id: providerAccountId },
  ]
}

/** For the merchant as well, so it tells what is stopped and never why: that is between the people who stopped it. */
export function stoppedWords({ scope, id }: SwitchKey): string {
  return `It waits: ${STOPPED[scope](id)} is stopped for now.`
}

const STOPPED: Readonly<Record<SwitchScope, (id: string) => string>> = {
  global: () => 'all sending',
  merchant: () => 'sending for this merchant',
  currency: id => `sending in ${id}`,
  rail: id => `sending over ${id}`,
  provider_account: id => `sending through provider account ${id}`,
}
