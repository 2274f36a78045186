// The application as a process of its own that is killed at a named point. It is what `serve` runs, composed by the same
// `createApp`; only its notices may go to this machine, as in the demo, because the merchant of the harness lives here.
//
// Loading the program is most of its start, so it is started ahead: it loads, says that it is ready, and waits on its
// standard input for the orders of a run; a second line arms it. The one argument is the checkout whose program it is.
import { once } from 'node:events'
import { createRequire, flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import type { AppOptions } from '../../src/app.ts'
import { type Killer, type Killing, killAt } from './killer.ts'

/** One line of JSON. */
export interface VictimOrders {
  readonly environment: Readonly<Record<string, string>>
  /** Null: it is not this one that is killed. */
  readonly killing: Killing | null
}

const [, , root = ''] = process.argv
// Another checkout has modules of the same shape, or its run fails at once.
const [{ createApp }, { readConfig }, { createLog }, { journalFolder }] = await Promise.all([
  load('src/app.ts') as Promise<typeof import('../../src/app.ts')>,
  load('src/config.ts') as Promise<typeof import('../../src/config.ts')>,
  load('src/lib/log.ts') as Promise<typeof import('../../src/lib/log.ts')>,
  load('src/journal/files.ts') as Promise<typeof import('../../src/journal/files.ts')>,
])
// A process that is killed keeps nothing at its end, so what was compiled is kept now.
flushCompileCache()

// Whoever started this process may have been killed itself: its end is the end of our standard input.
process.stdin.once('close', () => process.exit(1))
const lines = createInterface({ input: process.stdin })
console.log('loaded')
const [line] = await once(lines, 'line')
// Written by spares.ts.
const { environment, killing } = JSON.parse(line) as VictimOrders

const killer = killing === null ? null : killAt(killing, createRequire(join(root, 'package.json'))('pg'))
const read = readConfig(environment, 'serve')
if (!read.ok || read.config.databaseUrl === null) throw new Error('the harness configured its victim wrongly')
const app = await createApp({
  config: { ...read.config, allowLoopbackTargets: true },
  databaseUrl: read.config.databaseUrl,
  log: createLog({ level: 'warn' }),
  roles: { gateway: true, worker: true },
  ...journalOf(killer, read.config.dataDir),
})
lines.once('line', () => {
  killer?.arm()
  console.log('armed')
})
console.log(JSON.stringify({ url: app.url }))

function journalOf(heard: Killer | null, dataDir: string): Pick<AppOptions, 'journalFiles'> {
  return heard === null ? {} : { journalFiles: heard.hearJournal(journalFolder(join(dataDir, 'journal'))) }
}

function load(path: string): Promise<unknown> {
  return import(pathToFileURL(join(root, path)).href)
}
