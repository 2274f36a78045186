// The desk for people on the host: over the database of the installation, without the rest of the program.
import { userInfo } from 'node:os'
import { peopleDeskOf } from '../app.ts'
import { readConfig } from '../config.ts'
import type { HostActor } from '../desk/actor.ts'
import type { PeopleDesk } from '../desk/people.ts'
import type { Refused } from '../desk/refused.ts'
import { createLog } from '../lib/log.ts'
import { createSeal } from '../lib/seal.ts'
import { openPeopleStore } from '../store/people-store.ts'
import { openPool } from '../store/postgres.ts'
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
  const read = readConfig(environment, 'worker')
  if (!read.ok || read.config.databaseUrl === null) {
    terminal.problem(`quittance ${command}: the settings are not right, nothing was tried.`)
    for (const { variable, why } of read.ok ? [] : read.problems) terminal.problem(`  ${variable} ${why}`)
    return 2
  }
  const { databaseUrl, logLevel, masterKeys } = read.config
  const log = createLog({ level: logLevel, destination: process.stderr })
  const pool = openPool({ url: databaseUrl, size: 1, applicationName: `quittance ${command}`, log })
  try {
    return await work(peopleDeskOf(openPeopleStore({ pool, seal: createSeal(masterKeys) })))
  } catch (error) {
    terminal.problem(`quittance ${command}: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    await pool.end()
  }
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
