// The auditor (SAFETY.md section 9): reads the books with its own eyes, and stops what they contradict. It begins with a
// whole pass, then follows what changes, and reads everything again every hour, and when safe mode was entered.
//
// Whatever goes wrong ends it: a broken connection takes its turn and its snapshot along, so beginning anew is the one
// way back, and whoever started it starts it again. Until then its silence counts.
import type { Clock } from '../lib/clock.ts'
import type { Breach } from './breach.ts'
import { changedPass, type PassResult, type Seen, wholePass } from './pass.ts'
import { beat, recordFindings, recordWhole, wantsWhole } from './record.ts'
import { openSession, type Session } from './session.ts'

export interface AuditorOptions {
  readonly url: string
  /** The connection is the auditor's alone, and takes no role. */
  readonly own: boolean
  readonly clock: Clock
  readonly log: AuditorLog
  readonly signal: AbortSignal
  readonly times?: Partial<AuditorTimes>
}

export interface AuditorTimes {
  readonly changedEveryMs: number
  readonly wholeEveryMs: number
  readonly beatEveryMs: number
  /** How often one that is not active looks whether it may be. */
  readonly turnEveryMs: number
}

export const AUDITOR_TIMES: AuditorTimes = {
  changedEveryMs: 10_000,
  wholeEveryMs: 3_600_000,
  beatEveryMs: 5_000,
  turnEveryMs: 5_000,
}

export interface AuditorLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Runs until the signal is aborted. @throws AuditorRefused, or whatever ended it */
export async function runAuditor(options: AuditorOptions): Promise<void> {
  const { clock, log, signal } = options
  const times = { ...AUDITOR_TIMES, ...options.times }
  const session = await openSession(options)
  const over = new AbortController()
  const ending = AbortSignal.any([signal, over.signal])
  // A statement may take minutes, and whoever stops does not wait for it: nothing is lost that is not read again.
  const letGo = () => void session.close().catch(() => {})
  ending.addEventListener('abort', letGo)
  try {
    if (!(await waitForTurn(session, times, { clock, log, signal: ending }))) return
    log.info({}, 'the auditor is active')
    await Promise.all([
      follow(session, times, { clock, log, signal: ending }),
      keepBeating(session, times, { clock, signal: ending }),
    ])
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    over.abort()
  }
}

type Needs = Pick<AuditorOptions, 'clock' | 'log' | 'signal'>

/** One is active for each database; the others wait until its connection is gone. False where it was stopped first. */
async function waitForTurn(
  session: Session,
  times: AuditorTimes,
  { clock, log, signal }: Needs,
): Promise<boolean> {
  for (let told = false; !signal.aborted; ) {
    if (await session.takeTurn()) return true
    if (!told) log.info({}, 'another auditor is active; this one waits')
    told = true
    await clock.sleep(times.turnEveryMs, signal)
  }
  return false
}

async function follow(session: Session, times: AuditorTimes, { clock, log, signal }: Needs): Promise<void> {
  const report = reporting(session, log)
  let seen: Seen | null = null
  let wholeAt = 0
  while (!signal.aborted) {
    const began = clock.monotonic()
    const whole = seen === null || began - wholeAt >= times.wholeEveryMs || (await wantsWhole(session))
    if (whole) wholeAt = began
    const pass: PassResult =
      whole || seen === null ? await wholePass(session, report) : await changedPass(session, seen, report)
    seen = pass.seen
    const ms = clock.monotonic() - began
    await beat(session, { whole, ms })
    if (whole) await recordWhole(session, pass)
    if (whole)
      log.info({ payouts: pass.payouts, breaches: pass.breaches, ms: Math.round(ms) }, 'read the whole books')
    await clock.sleep(times.changedEveryMs, signal)
  }
}

/** A pass over many rows takes its time; that it works is said beside it. A hung one ends by its statement's time-out. */
async function keepBeating(
  session: Session,
  { beatEveryMs }: AuditorTimes,
  { clock, signal }: Pick<Needs, 'clock' | 'signal'>,
): Promise<void> {
  while (!signal.aborted) {
    await beat(session, null)
    await clock.sleep(beatEveryMs, signal)
  }
}

/** One whole pass, beside whichever auditor is active. What it finds is kept and stops what it must, as ever. */
export async function auditOnce(
  options: Pick<AuditorOptions, 'url' | 'own' | 'log'> & { readonly found: (breach: Breach) => void },
): Promise<Pick<PassResult, 'payouts' | 'breaches'>> {
  const session = await openSession(options)
  try {
    const record = reporting(session, options.log)
    const pass = await wholePass(session, async (breaches, snapshot) => {
      for (const breach of breaches) options.found(breach)
      await record(breaches, snapshot)
    })
    await recordWhole(session, pass)
    return pass
  } finally {
    await session.close()
  }
}

function reporting(session: Session, log: AuditorLog) {
  return async (breaches: readonly Breach[], snapshot: string): Promise<void> => {
    const found = await recordFindings(session, breaches, snapshot)
    for (const finding of found) log.error({ alarm: 'finding', ...finding }, 'alarm')
  }
}
