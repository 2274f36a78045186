import { type Config, type Mode, readConfig } from '../config.ts'
import type { Terminal } from './terminal.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** How this process was started: read by main.ts and handed down, so that a test brings its own. */
export interface Started {
  /** Without the name of the program in front. */
  readonly argv: readonly string[]
  readonly environment: Environment
  /** The file that runs. */
  readonly program: string
}

/** The settings of this process, or null after every problem with them was told. */
export function configured(mode: Mode, environment: Environment, terminal: Terminal): Config | null {
  const read = readConfig(environment, mode)
  if (read.ok) return read.config
  terminal.problem(`quittance ${mode}: the settings are not right, nothing was started.`)
  for (const { variable, why } of read.problems) terminal.problem(`  ${variable} ${why}`)
  return null
}
