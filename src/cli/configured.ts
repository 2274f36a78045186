import { type Config, type Mode, readConfig } from '../config.ts'
import type { Terminal } from './terminal.ts'

/** Read by main.ts and handed down, so that a test brings its own. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The settings of this process, or null after every problem with them was told. */
export function configured(mode: Mode, environment: Environment, terminal: Terminal): Config | null {
  const read = readConfig(environment, mode)
  if (read.ok) return read.config
  terminal.problem(`quittance ${mode}: the settings are not right, nothing was started.`)
  for (const { variable, why } of read.problems) terminal.problem(`  ${variable} ${why}`)
  return null
}
