// `quittance person`: persons are added, listed and stopped by the host, and given a link by which they set a password.
import { ROLES, type Role } from '../payout/role.ts'
import type { Grant } from '../store/people-store.ts'
import type { Environment } from './configured.ts'
import { hostActor, LIVE, withPeople, withSignIn } from './people-house.ts'
import { tableLines } from './table.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface PersonOptions {
  readonly role?: readonly string[]
  readonly person?: string
  readonly email?: string
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
      return stopOne(who ?? options.person ?? null, environment, terminal)
    case 'link':
      return linkOne(options.person ?? who, options.email ?? null, environment, terminal)
    default:
      return wrong('the action is add, list, stop or link', terminal)
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

async function linkOne(
  personId: string | null,
  email: string | null,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  if (personId === null) return wrong('name the person: --person pe_…', terminal)
  if (email !== null && !/^[^@\s]{1,64}@[A-Za-z0-9.-]{1,189}$/.test(email))
    return wrong('--email is an address such as ada@example.com', terminal)
  // Anybody knows the addresses of the demo.
  if (email?.toLowerCase().endsWith('@sandbox.local') === true)
    return wrong('addresses of the sandbox are for the demo alone', terminal)
  return withSignIn('person', environment, terminal, async (desk, url) => {
    const made = await desk.makeLink(hostActor(), personId, email)
    if (made.kind !== 'made') {
      terminal.problem(`quittance person: ${LINK_WORDS[made.kind]}; no link was made`)
      return 1
    }
    terminal.line(`address  ${made.email}`)
    terminal.line(`link     ${url}/set-password#${made.link}`)
    terminal.line('Shown this once. It works once, for 15 minutes, with the code of the authenticator.')
    return 0
  })
}

const LINK_WORDS = {
  unknown: 'there is no such person, or it was stopped',
  no_address: 'this person has no address yet: give it one with --email',
  taken: 'another person signs in by that address',
} as const

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
