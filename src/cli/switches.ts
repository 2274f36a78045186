// `quittance stop` and `quittance switches`: the kill switch from the host. Anybody who can reach the database may stop;
// going on takes two persons (release.ts).
import { userInfo } from 'node:os'
import { tripAndWait } from '../dispatch/trip.ts'
import { isoTime, systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { currencyOf } from '../money/currency.ts'
import type { SwitchKey, SwitchScope } from '../payout/stop.ts'
import type { SwitchEvent, Tripped, TrippedSwitch } from '../store/store.ts'
import { openSwitchStore, type SwitchStore } from '../store/switch-store.ts'
import { configured, type Environment } from './configured.ts'
import { tableLines } from './table.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface ScopeOptions {
  readonly scope: SwitchScope
  readonly id?: string
}

export interface StopCommandOptions extends ScopeOptions {
  readonly why: string
}

export interface SwitchesCommandOptions {
  readonly history: number
}

export async function stop(
  options: StopCommandOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  const key = keyOf(options)
  if (typeof key === 'string') return wrong('stop', key, terminal)
  return withSwitches('stop', environment, terminal, async store => {
    if (terminal.isInteractive) terminal.status(`Stopping ${named(key)} …`)
    const trip = { ...key, by: hostUser(), why: options.why }
    const tripped = await tripAndWait(trip, { store, clock: systemClock })
    if (terminal.isInteractive) terminal.status('')
    if (tripped === 'unknown')
      return wrong('stop', `there is no ${spoken(key)}; nothing was stopped`, terminal)
    for (const line of STOPPED[tripped](key)) terminal.line(line)
    return 0
  })
}

const STOPPED: Readonly<Record<Exclude<Tripped, 'unknown'>, (key: SwitchKey) => readonly string[]>> = {
  tripped: key => [
    `Stopped: from this moment on no send leaves for ${named(key)}.`,
    'What was sent before may still be paid, and is asked about as always. quittance release takes two persons.',
  ],
  already: key => [
    `It was stopped already: no send leaves for ${named(key)}. Your trip is noted; quittance switches shows both.`,
  ],
}

export async function switches(
  { history }: SwitchesCommandOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  return withSwitches('switches', environment, terminal, async store => {
    const [tripped, events] = await Promise.all([store.trippedSwitches(), store.switchEvents(history)])
    const lines =
      tripped.length === 0 ? ['Nothing is stopped.'] : trippedLines(tripped, systemClock.now(), terminal)
    for (const line of lines) terminal.line(line)
    if (events.length === 0) return 0
    terminal.line('')
    for (const line of eventLines(events)) terminal.line(line)
    return 0
  })
}

/** The switch that is meant, or what is wrong with how it was named. */
export function keyOf({ scope, id = '' }: ScopeOptions): SwitchKey | string {
  if (scope === 'global')
    return id === '' ? { scope, id } : '--id goes with a --scope; without one it is everything'
  if (id === '') return `--scope ${scope} needs --id: which one`
  if (scope === 'currency' && currencyOf(id) === null) return `${id} is no currency`
  return { scope, id }
}

const SPOKEN: Readonly<Record<SwitchScope, string>> = {
  global: 'everything',
  merchant: 'merchant',
  currency: 'currency',
  rail: 'rail',
  provider_account: 'provider account',
}

export function spoken({ scope, id }: SwitchKey): string {
  return `${SPOKEN[scope]} ${id}`.trimEnd()
}

function named(key: SwitchKey): string {
  return key.scope === 'global' ? 'any payout' : `any payout of ${spoken(key)}`
}

function trippedLines(all: readonly TrippedSwitch[], nowMs: number, { paint }: Terminal): readonly string[] {
  return tableLines<TrippedSwitch>(
    [
      { title: 'stopped', text: spoken, paint: text => paint('red', text) },
      { title: 'since', text: one => isoTime(one.sinceMs) },
      { title: 'for', right: true, text: one => age(nowMs - one.sinceMs) },
      { title: 'by', text: one => one.by },
      { title: 'why', text: one => one.why },
    ],
    all,
  )
}

function eventLines(events: readonly SwitchEvent[]): readonly string[] {
  return tableLines<SwitchEvent>(
    [
      { title: 'history', text: one => isoTime(one.atMs) },
      { title: 'act', text: one => one.act },
      { title: 'of', text: spoken },
      { title: 'by', text: one => (one.confirmedBy === null ? one.by : `${one.by}, ${one.confirmedBy}`) },
      { title: 'why', text: one => one.why + (one.finding === null ? '' : ` (${one.finding})`) },
    ],
    events,
  )
}

/** To the unit that a person would say. */
function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`
}

/** A command on the host acts as its user there. */
function hostUser(): string {
  try {
    return `host:${userInfo().username}`
  } catch {
    // A user without a name, as in many containers.
    return 'host:unnamed'
  }
}

function wrong(command: string, why: string, terminal: Terminal): ExitCode {
  terminal.problem(`quittance ${command}: ${why}`)
  return 2
}

async function withSwitches(
  command: 'stop' | 'switches',
  environment: Environment,
  terminal: Terminal,
  run: (store: SwitchStore) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = configured(command, environment, terminal)
  if (config === null || config.databaseUrl === null) return 2
  const log = createLog({ level: config.logLevel, destination: process.stderr })
  const store = openSwitchStore({ url: config.databaseUrl, applicationName: `quittance ${command}`, log })
  try {
    return await run(store)
  } catch (error) {
    terminal.problem(`quittance ${command}: ${error instanceof Error ? error.message : String(error)}`)
    terminal.problem(NOT_KNOWN[command])
    return 1
  } finally {
    await store.close()
  }
}

/** What a person has to know where the command failed. Acts may be done again: a second trip is only noted. */
const NOT_KNOWN: Readonly<Record<'stop' | 'switches', string>> = {
  stop: 'Nobody knows whether anything was stopped: run it again until it says so. To be sure at once, end the processes.',
  switches: 'quittance migrate --check says how the database stands.',
}
