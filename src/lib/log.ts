import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'
import { assert } from './assert.ts'
import { redactLine } from './redact.ts'

export { Masked, maskMiddle } from './masked.ts'

/** One line of JSON per fact, each with the id of the payout it is about: `log.info({ payoutId }, 'paid')`. */
export type Log = Logger

export interface LogOptions {
  /** `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`. */
  readonly level: string
  /** Standard output when left out. */
  readonly destination?: DestinationStream
  /** Stands in every line, such as the name of the process. */
  readonly base?: Record<string, unknown>
}

/**
 * A log in which whoever logs decides what is said. Values that must not be read are `Masked`; the redaction is the
 * second wall and catches what was logged whole, such as a body, a list of headers or an error of a driver. It is our
 * own because the one of the library costs a hundred times more once it looks below the top of a line.
 *
 * @throws AssertionFailed for an unknown level
 */
export function createLog(options: LogOptions): Log {
  assert(LEVELS.includes(options.level), `a log level is one of ${LEVELS.join(' ')}`)
  const settings = {
    level: options.level,
    base: options.base === undefined ? null : redactLine(options.base),
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: (redacted: unknown) => redacted },
    formatters: { level: (label: string) => ({ level: label }), log: redactLine },
  }
  return redactChildren(
    options.destination === undefined ? pino(settings) : pino(settings, options.destination),
  )
}

const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** The library formats each line but not what a child log adds to all of its lines. Children inherit this method. */
function redactChildren(log: Log): Log {
  const child = log.child
  log.child = function (this: Log, bindings, options) {
    return child.call(this, redactLine(bindings), options)
  } as typeof child // its type parameter, more levels, cannot be written in an expression
  return log
}
