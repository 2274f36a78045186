// `quittance safe-mode`: what was found after a restore, how much money is at risk, and what stands against a release.
import type { Environment } from './configured.ts'
import { hostActor, toldRefusal, withPeople } from './people-house.ts'
import { accountLines } from './stops.ts'
import type { ExitCode, Terminal } from './terminal.ts'

/** Exit code 1 while something is in safe mode. */
export function showSafeMode(environment: Environment, terminal: Terminal): Promise<ExitCode> {
  return withPeople('safe-mode', environment, terminal, async desk => {
    const stops = await desk.stops(hostActor())
    if (stops.kind === 'refused') return toldRefusal('safe-mode', stops, terminal)
    if (stops.accounts.length === 0) {
      terminal.line('No provider account is in safe mode.')
      return 0
    }
    for (const account of stops.accounts) for (const line of accountLines(account)) terminal.line(line)
    terminal.line('Nothing is sent through these accounts until two people release each of them:')
    terminal.line(
      '  quittance safe-mode release --provider-account ID --why WORDS --person PERSON --key-file FILE',
    )
    return 1
  })
}
