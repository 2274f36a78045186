// `quittance safe-mode`: what was found after a restore and how much money is at risk; `release`: one provider account may
// send again, by two people (SAFETY.md section 10).

import { isoTime } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { createSeal } from '../lib/seal.ts'
import { printDecimal } from '../money/decimal.ts'
import { openPool } from '../store/postgres.ts'
import { openStore } from '../store/postgres-store.ts'
import type { SafeModeState, Store, SweepCounts } from '../store/store.ts'
import { configured, type Environment } from './configured.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface ReleaseOptions {
  readonly providerAccount: string
  readonly proposedBy: string
  readonly confirmedBy: string
}

/** Exit code 1 while something is in safe mode. */
export function showSafeMode(environment: Environment, terminal: Terminal): Promise<ExitCode> {
  return withStore(environment, terminal, async store => {
    const states = await store.safeModes()
    const open = states.filter(({ releasedAtMs }) => releasedAtMs === null)
    if (open.length === 0) {
      terminal.line('No provider account is in safe mode.')
      return 0
    }
    const sweep = await store.sweepCounts()
    const findings = await store.safeModeFindings()
    for (const state of open) {
      terminal.line(
        `${state.providerAccountId}: in safe mode since ${isoTime(state.enteredAtMs)}, ${SIGN_WORDS[state.sign]}`,
      )
      for (const line of sweepLines(state, sweep)) terminal.line(`  ${line}`)
      for (const { providerAccountId, currency, open: unsettled, queued } of findings) {
        if (providerAccountId !== state.providerAccountId) continue
        const money = (minor: bigint) => printDecimal({ minor, currency })
        terminal.line(
          `  at risk: ${unsettled.count} attempts without an end (${money(unsettled.minor)} ${currency})`,
        )
        terminal.line(
          `  waits:   ${queued.count} queued payouts that could go through it (${money(queued.minor)} ${currency})`,
        )
      }
    }
    terminal.line(`Payments of which this database knows nothing: ${await store.phantomCount()}.`)
    terminal.line('Nothing is sent through these accounts until two people release each of them:')
    terminal.line(
      '  quittance safe-mode release --provider-account ID --proposed-by NAME --confirmed-by NAME',
    )
    return 1
  })
}

export function releaseSafeMode(
  options: ReleaseOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  return withStore(environment, terminal, async store => {
    const { providerAccount: providerAccountId, proposedBy, confirmedBy } = options
    switch (await store.releaseSafeMode({ providerAccountId, proposedBy, confirmedBy })) {
      case 'released':
        terminal.line(
          `${providerAccountId} may send again. For 35 days each reference is asked for before its first send.`,
        )
        return 0
      case 'same_person':
        terminal.problem('quittance safe-mode: two different people release it; these are one.')
        return 2
      case 'not_in_safe_mode':
        terminal.problem(`quittance safe-mode: ${providerAccountId} is not in safe mode.`)
        return 1
    }
  })
}

const SIGN_WORDS: Readonly<Record<SafeModeState['sign'], string>> = {
  system_identifier:
    'because the database is another cluster than it was (restored from a dump, or upgraded)',
  timeline: 'because the database took over from another one or was recovered to a point in time',
  position: 'because the log of the database is behind what was written down outside of it (an older copy)',
}

/** How the questions about next references stand. */
function sweepLines({ providerAccountId }: SafeModeState, sweep: readonly SweepCounts[]): readonly string[] {
  const mine = sweep.filter(line => line.providerAccountId === providerAccountId)
  const sum = (isIt: (line: SweepCounts) => boolean) =>
    mine.filter(isIt).reduce((total, { count }) => total + count, 0)
  return [
    `asked:   ${sum(({ said }) => said === 'found')} references found, ` +
      `${sum(({ said, isOpen }) => said === 'not_found' && !isOpen)} not found twice, ` +
      `${sum(({ said }) => said === 'unaskable')} that only a person can ask about, ` +
      `${sum(({ isOpen }) => isOpen)} to be asked (again)`,
  ]
}

async function withStore(
  environment: Environment,
  terminal: Terminal,
  run: (store: Store) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = configured('safe-mode', environment, terminal)
  if (config === null || config.databaseUrl === null) return 2
  const log = createLog({ level: config.logLevel, destination: process.stderr })
  const pool = openPool({ url: config.databaseUrl, size: 1, applicationName: 'quittance safe-mode', log })
  const store = openStore({ pool, seal: createSeal(config.masterKeys) })
  try {
    return await run(store)
  } catch (error) {
    terminal.problem(`quittance safe-mode: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    await store.close()
  }
}
