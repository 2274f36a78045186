// `quittance person`: persons are added, listed and stopped by the host.
import { ROLES, type Role } from '../payout/role.ts'
import type { Grant } from '../store/people-store.ts'
import type { Environment } from './configured.ts'
import { hostActor, LIVE, withPeople } from './people-house.ts'
import { tableLines } from './table.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface PersonOptions {
  readonly role?: readonly string[]
}

export async function person(
  action: string,
  who: string | null,
  options: PersonOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  switch (action) {
    case 'add':
      return addOne(who, options, environment, terminal)
    case 'list':
      return listAll(environment, terminal)
    case 'stop':
      return stopOne(who, environment, terminal)
    default:
      return wrong('the action is add, list or stop', terminal)
  }
}

async function addOne(
  name: string | null,
  { role = [] }: PersonOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  if (name === null || name.trim() === '' || name.length > 100)
    return wrong('a person has a name of 1 to 100 characters', terminal)
  const grants = role.map(readGrant)
  if (grants.length === 0 || !grants.every(grant => grant !== null))
    return wrong(
      `--role is one of ${ROLES.join(', ')}, with @merchant behind it where it is for one alone`,
      terminal,
    )
  return withPeople('person', environment, terminal, async desk => {
    const made = await desk.addPerson(hostActor(), { name, grants, live: LIVE })
    if (made.said === 'too_many') {
      terminal.problem('quittance person: at most 100 proposals are open at once; nothing was added')
      return 1
    }
    terminal.line(`person         ${made.personId}`)
    terminal.line(`key            ${made.key}`)
    terminal.line(`authenticator  ${made.authenticatorUri}`)
    terminal.line('Key and link are shown this once: hand them over, and keep neither.')
    terminal.line(
      made.proposalId === null
        ? 'Let in: one of the first two of this installation.'
        : `Proposed: a person with the role admin confirms ${made.proposalId} within 24 hours.`,
    )
    return 0
  })
}

async function listAll(environment: Environment, terminal: Terminal): Promise<ExitCode> {
  return withPeople('person', environment, terminal, async desk => {
    const lines = tableLines(
      [
        { title: 'person', text: one => one.personId },
        { title: 'name', text: one => one.name },
        { title: 'active', text: one => (one.active ? 'yes' : 'no') },
        { title: 'roles', text: one => one.grants.map(grantText).join(' ') },
      ],
      await desk.persons(),
    )
    for (const line of lines) terminal.line(line)
    return 0
  })
}

async function stopOne(
  personId: string | null,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  if (personId === null) return wrong('name the person to stop: pe_…', terminal)
  return withPeople('person', environment, terminal, async desk => {
    const stopped = await desk.stopPerson(hostActor(), personId)
    if (stopped) terminal.line(`${personId} is stopped: its keys work no more, and it is not let in again.`)
    else terminal.problem(`quittance person: there is nobody to stop by the id ${personId}`)
    return stopped ? 0 : 1
  })
}

function readGrant(text: string): Grant | null {
  const parts = /^([a-z]+)(?:@([a-z0-9_]{1,40}))?$/.exec(text)
  const role: Role | undefined = ROLES.find(known => known === parts?.[1])
  return role === undefined ? null : { role, merchantId: parts?.[2] ?? null }
}

function grantText({ role, merchantId }: Grant): string {
  return merchantId === null ? role : `${role}@${merchantId}`
}

function wrong(why: string, terminal: Terminal): ExitCode {
  terminal.problem(`quittance person: ${why}`)
  return 2
}
