// `quittance release` and `quittance safe-mode release`: a person's own proposal at the host, to send again what a kill
// switch or safe mode stopped. What would go on is shown first; nothing is released before another person has confirmed.
import type { PersonActor } from '../desk/actor.ts'
import type { PeopleDesk } from '../desk/people.ts'
import type { ProposalFound } from '../desk/proposals.ts'
import type { Environment } from './configured.ts'
import { type PersonGivenAtHost, toldRefusal, withPerson } from './people-house.ts'
import { accountLines, switchLines } from './stops.ts'
import { keyOf, type ScopeOptions } from './switches.ts'
import type { ExitCode, Terminal } from './terminal.ts'

interface ProposeOptions extends PersonGivenAtHost {
  readonly why: string
  readonly dryRun?: boolean
}

export interface ReleaseOptions extends ProposeOptions, ScopeOptions {}

export interface SafeModeReleaseOptions extends ProposeOptions {
  readonly providerAccount: string
}

export async function release(
  options: ReleaseOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  const key = keyOf(options)
  if (typeof key === 'string') {
    terminal.problem(`quittance release: ${key}`)
    return 2
  }
  return withPerson('release', options, environment, terminal, async (desk, by) => {
    const stops = await desk.stops(by)
    if (stops.kind === 'refused') return toldRefusal('release', stops, terminal)
    const found = stops.switches.find(({ scope, id }) => scope === key.scope && id === key.id)
    for (const line of found === undefined ? [] : switchLines(found)) terminal.line(line)
    if (options.dryRun === true) return toldNothing(found !== undefined, terminal)
    const asked = { ...key, because: options.why }
    return told('release', await desk.proposeSwitchRelease(by, asked), terminal)
  })
}

export function releaseSafeMode(
  options: SafeModeReleaseOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  return withPerson('safe-mode', options, environment, terminal, (desk, by) =>
    proposeSafeMode(options, desk, by, terminal),
  )
}

async function proposeSafeMode(
  { providerAccount: providerAccountId, why, dryRun }: SafeModeReleaseOptions,
  desk: PeopleDesk,
  by: PersonActor,
  terminal: Terminal,
): Promise<ExitCode> {
  const stops = await desk.stops(by)
  if (stops.kind === 'refused') return toldRefusal('safe-mode', stops, terminal)
  const found = stops.accounts.find(account => account.providerAccountId === providerAccountId)
  for (const line of found === undefined ? [] : accountLines(found)) terminal.line(line)
  if (dryRun === true) return toldNothing(found !== undefined, terminal)
  const asked = { providerAccountId, because: why }
  return told('safe-mode', await desk.proposeSafeModeRelease(by, asked), terminal)
}

function toldNothing(isStopped: boolean, terminal: Terminal): ExitCode {
  terminal.line(isStopped ? 'Nothing was proposed.' : 'Nothing of that name is stopped.')
  return isStopped ? 0 : 1
}

function told(command: string, answer: ProposalFound, terminal: Terminal): ExitCode {
  if (answer.kind === 'refused') return toldRefusal(command, answer, terminal)
  const { proposalId } = answer.proposal
  terminal.line(
    `Proposed as ${proposalId}: nothing goes on before another person confirms it, within 24 hours:`,
  )
  terminal.line(`  quittance confirm ${proposalId} --person PERSON --key-file FILE --code CODE`)
  return 0
}
