// `quittance serve` and `quittance worker`: the application on a Postgres of yours, until it is told to stop.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createApp } from '../app.ts'
import type { Config } from '../config.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog, type Log } from '../lib/log.ts'
import { createSeal, SealError } from '../lib/seal.ts'
import { openPool } from '../store/postgres.ts'
import { openStore } from '../store/postgres-store.ts'
import { openSignInStore } from '../store/sign-in-store.ts'
import { startAuditorProcess } from './auditor-process.ts'
import { configured, type Environment } from './configured.ts'
import { portProblem } from './port.ts'
import { holdsSandbox } from './sandbox.ts'
import { stopSignal } from './stop.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface ServeOptions {
  readonly mode: 'serve' | 'worker'
  readonly roles: { readonly gateway: boolean; readonly worker: boolean }
  /** The file that this process was started from; the auditor is another process of it. */
  readonly program: string
}

export async function serve(
  options: ServeOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  const { mode, roles } = options
  const config = configured(mode, environment, terminal)
  if (config === null || config.databaseUrl === null) return 2
  const { databaseUrl } = config
  const log = createLog({ level: config.logLevel, base: { process: mode } })
  const refused = await refusal(config, databaseUrl, log)
  if (refused !== null) {
    terminal.problem(`quittance ${mode}: ${refused}`)
    return 2
  }
  const stopping = stopSignal(terminal, STOPPING)
  try {
    const app = await createApp({ config, databaseUrl, log, roles, auditor: { stopsSends: true } })
    const { auditorUrl = null, logLevel } = config
    const auditor = startAuditorProcess({
      ...{ program: options.program, databaseUrl, auditorUrl, logLevel },
      clock: systemClock,
      log,
    })
    log.info({ url: app.url, ...roles }, `${mode} is up`)
    try {
      const endedBy = await Promise.race([stopping, app.stopped.then(() => 'itself' as const)])
      await app.stop()
      return endedBy === 'itself' ? 1 : 0
    } finally {
      await auditor.stop()
    }
  } catch (error) {
    const taken = portProblem(error, config.port)
    if (taken === null) throw error
    terminal.problem(`quittance ${mode}: ${taken}`)
    return 1
  }
}

const STOPPING = 'nothing new is taken; what was sent is waited for, then recorded'

/** Why nothing may be served on this database, or null. */
async function refusal(config: Config, databaseUrl: string, log: Log): Promise<string | null> {
  if (await isThere(join(config.dataDir, 'sandbox')))
    return `${config.dataDir} is the data folder of a demo; set QUITTANCE_DATA_DIR to another one`
  const pool = openPool({ url: databaseUrl, size: 1, applicationName: 'quittance start', log })
  try {
    const store = openStore({ pool, seal: createSeal(config.masterKeys) })
    const ready = await store.ready()
    if (!ready.ok) return `${ready.why}; quittance migrate --check says how it stands`
    const held = holdsSandbox(await store.readConfiguration())
    if (held || (await openSignInStore({ pool }).holdsSandboxPeople()))
      return 'this database holds the fixed credentials of the demo, which anybody knows; use a fresh one'
    return null
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    return 'QUITTANCE_MASTER_KEY does not hold the key that sealed the secrets in this database'
  } finally {
    await pool.end()
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
