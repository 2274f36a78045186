// The desk for people on the host: over the database of the installation, without the rest of the program.
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { peopleDeskOf } from '../app.ts'
import { type Config, readConfig } from '../config.ts'
import type { HostActor, PersonActor } from '../desk/actor.ts'
import type { PeopleDesk } from '../desk/people.ts'
import type { Refused } from '../desk/refused.ts'
import { createSignIn, type SignInDesk } from '../desk/sign-in.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { createPasswords } from '../lib/password.ts'
import { systemRandom } from '../lib/random.ts'
import { createSeal } from '../lib/seal.ts'
import { openPeopleStore, type PeopleStore } from '../store/people-store.ts'
import { openPool } from '../store/postgres.ts'
import { openSignInStore, type SignInStore } from '../store/sign-in-store.ts'
import type { Environment } from './configured.ts'
import type { ExitCode, Terminal } from './terminal.ts'

/** An installation with a master key and a database of its own is live; the demo's cannot be reached by these commands. */
export const LIVE = true

/** Opens it for one piece of work. Settings that are wrong are told by name, and nothing is tried then. */
export async function withPeople(
  command: string,
  environment: Environment,
  terminal: Terminal,
  work: (desk: PeopleDesk) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withHouse(command, environment, terminal, ({ people }) => work(peopleDeskOf(people)))
}

/** The same for sign-in links. `url`: where the console is reached, as far as this host knows. */
export async function withSignIn(
  command: string,
  environment: Environment,
  terminal: Terminal,
  work: (desk: SignInDesk, url: string) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withHouse(command, environment, terminal, ({ people, signIns, config }) => {
    const passwords = createPasswords(systemRandom)
    const desk = createSignIn({
      ...{ people, signIns, passwords, clock: systemClock, random: systemRandom, sandbox: false },
    })
    return work(desk, config.publicUrl ?? `http://${config.host}:${config.port}`)
  })
}

interface House {
  readonly config: Config
  readonly people: PeopleStore
  readonly signIns: SignInStore
}

async function withHouse(
  command: string,
  environment: Environment,
  terminal: Terminal,
  work: (house: House) => Promise<ExitCode>,
): Promise<ExitCode> {
  const read = readConfig(environment, 'worker')
  const databaseUrl = read.ok ? read.config.databaseUrl : null
  if (!read.ok || databaseUrl === null) {
    terminal.problem(`quittance ${command}: the settings are not right, nothing was tried.`)
    for (const { variable, why } of read.ok ? [] : read.problems) terminal.problem(`  ${variable} ${why}`)
    return 2
  }
  const { config } = read
  const { logLevel, masterKeys } = config
  const log = createLog({ level: logLevel, destination: process.stderr })
  const pool = openPool({ url: databaseUrl, size: 1, applicationName: `quittance ${command}`, log })
  try {
    const people = openPeopleStore({ pool, seal: createSeal(masterKeys) })
    return await work({ config, people, signIns: openSignInStore({ pool }) })
  } catch (error) {
    terminal.problem(`quittance ${command}: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    await pool.end()
  }
}

/** A person at the host: the machine is lent, and the key is the person's own. */
export interface PersonGivenAtHost {
  /** `pe_…` */
  readonly person: string
  readonly keyFile: string
}

/** The same for a person, whose key is judged as it is at the API. */
export async function withPerson(
  command: string,
  { person, keyFile }: PersonGivenAtHost,
  environment: Environment,
  terminal: Terminal,
  work: (desk: PeopleDesk, by: PersonActor) => Promise<ExitCode>,
): Promise<ExitCode> {
  const key = await readFile(keyFile, 'utf8').catch(() => null)
  if (key === null) {
    terminal.problem(`quittance ${command}: --key-file cannot be read: ${keyFile}`)
    return 2
  }
  return withPeople(command, environment, terminal, async desk => {
    const by = await desk.authenticate(key.trim(), LIVE)
    if (by !== null && by.person.personId === person) return work(desk, by)
    terminal.problem(`quittance ${command}: the key is not one of ${person}, or it does not work any more`)
    return 1
  })
}

/** Who sits at this machine, as far as it knows. */
export function hostActor(): HostActor {
  try {
    return { kind: 'host', user: userInfo().username.slice(0, 64) }
  } catch {
    // Where the system has no name for the user that runs this.
    return { kind: 'host', user: 'unknown' }
  }
}

export function toldRefusal(command: string, { code, detail }: Refused, terminal: Terminal): ExitCode {
  terminal.problem(`quittance ${command}: ${detail} (${code})`)
  return 1
}
