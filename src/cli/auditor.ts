// `quittance auditor`: reads the books with its own eyes, for ever or once. `serve`, `worker` and `demo` start it as a child.
import { AUDITOR_TIMES, auditOnce, runAuditor } from '../auditor/auditor.ts'
import { AuditorRefused } from '../auditor/session.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { configured, type Environment } from './configured.ts'
import { stopSignal } from './stop.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface AuditorCommandOptions {
  readonly once?: boolean
  readonly json?: boolean
  /** Milliseconds between passes over what changed, and between whole ones. */
  readonly every?: number
  readonly wholeEvery?: number
  readonly exitWithParent?: boolean
}

export async function auditor(
  options: AuditorCommandOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  const config = configured('auditor', environment, terminal)
  if (config === null || config.databaseUrl === null) return 2
  const own = (config.auditorUrl ?? null) !== null
  const connection = { url: config.auditorUrl ?? config.databaseUrl, own }
  // What it found is the result; what it says on the way is for whoever watches.
  const destination = options.once === true ? { destination: process.stderr } : {}
  const log = createLog({ level: config.logLevel, base: { process: 'auditor' }, ...destination })
  try {
    if (options.once === true) return await once({ ...connection, log }, options, terminal)
    await forEver({ ...connection, log }, options, terminal)
    return 0
  } catch (error) {
    if (!(error instanceof AuditorRefused)) throw error
    terminal.problem(`quittance auditor: ${error.message}`)
    return 2
  }
}

type Base = Pick<Parameters<typeof runAuditor>[0], 'url' | 'own' | 'log'>

async function forEver(base: Base, options: AuditorCommandOptions, terminal: Terminal): Promise<void> {
  const stopped = new AbortController()
  void stopSignal(terminal).then(() => stopped.abort())
  if (options.exitWithParent === true) void inputClosed().then(() => stopped.abort())
  try {
    await runAuditor({
      ...base,
      clock: systemClock,
      signal: stopped.signal,
      times: {
        changedEveryMs: options.every ?? AUDITOR_TIMES.changedEveryMs,
        wholeEveryMs: options.wholeEvery ?? AUDITOR_TIMES.wholeEveryMs,
      },
    })
  } finally {
    // An input that is being read keeps the process alive.
    if (options.exitWithParent === true) process.stdin.destroy()
  }
}

async function once(base: Base, { json }: AuditorCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const { payouts, breaches } = await auditOnce({
    ...base,
    found: breach => {
      const { invariant, subject, detail } = breach
      terminal.line(json === true ? JSON.stringify(breach) : `${invariant} ${subject}: ${detail}`)
    },
  })
  terminal.line(
    json === true
      ? JSON.stringify({ payouts, breaches })
      : `${payouts} payouts read, ${breaches === 0 ? 'the books are clean' : `${breaches} breaches`}`,
  )
  return breaches === 0 ? 0 : 1
}

/** However a parent ends, also by kill -9, the system closes its end of the pipe. */
function inputClosed(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  process.stdin.once('end', resolve).once('close', resolve).once('error', resolve).resume()
  return promise
}
