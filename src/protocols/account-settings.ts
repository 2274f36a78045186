// What every connector asks of its provider account in the same words. Each sentence names a setting and never its value.
import { CAPABILITY_DEFAULTS, type Capabilities } from './capabilities.ts'
import type { ProviderAccount } from './protocol.ts'

const TIMEOUT_TOTAL_MS = { min: 1_000, max: 120_000 } as const

/** Null, or what is wrong with the address or the names of the settings of an account. */
export function accountFlaw(
  { baseUrl, settings }: ProviderAccount,
  known: ReadonlySet<string>,
): string | null {
  if (Object.keys(settings).some(name => !known.has(name)))
    return 'settings has a name that this protocol does not know'
  if (!/^https?:\/\/[^/]/i.test(baseUrl) || !URL.canParse(baseUrl) || /[/?#]$|[?#]/.test(baseUrl))
    return 'baseUrl is an absolute http or https address without a slash at the end, query or fragment'
  return null
}

/** A secret that was pasted with a blank or a line end signs something else than the provider expects. */
export function isSecretSetting(secret: string): boolean {
  return /^\S(?:.*\S)?$/s.test(secret) && secret.isWellFormed()
}

/** Null, or what is wrong with the setting `timeout_total_ms`. */
export function timeoutFlaw(setting: string | undefined): string | null {
  const { min, max } = TIMEOUT_TOTAL_MS
  if (setting === undefined || setting === '') return null
  const ms = /^[1-9][0-9]{0,6}$/.test(setting) ? Number.parseInt(setting, 10) : Number.NaN
  return ms >= min && ms <= max ? null : `timeout_total_ms is whole milliseconds from ${min} to ${max}`
}

/** Without the setting the defaults; with it, one exchange may take so long from its connection to its last byte. */
export function timeoutsOf(setting: string | undefined): Capabilities['timeoutsMs'] {
  const { timeoutsMs } = CAPABILITY_DEFAULTS
  if (setting === undefined || setting === '') return timeoutsMs
  const total = Number.parseInt(setting, 10)
  return { connect: Math.min(timeoutsMs.connect, total), headers: total, total }
}
