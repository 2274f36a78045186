// How a command stands in the table: what it is run with, and the few kinds of values that its options take.
import { type Command, InvalidArgumentError } from 'commander'
import type { Started } from './configured.ts'
import type { ExitCode, Terminal } from './terminal.ts'

/** What a command is run with. */
export interface Run {
  terminal(): Terminal
  readonly started: Started
  done(code: ExitCode): void
}

export type Add = (program: Command, run: Run) => void

export function add(program: Command, name: string, summary: string, examples: readonly string[]): Command {
  return program
    .command(name)
    .summary(summary)
    .addHelpText('after', `\nExamples:\n${examples.join('\n')}`)
}

/** Reads a whole number from 0 to `max`. */
export function wholeNumber(max: number): (text: string) => number {
  return text => {
    const read = /^[0-9]{1,16}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN
    if (read >= 0 && read <= max) return read
    throw new InvalidArgumentError(`It is a whole number from 0 to ${max}.`)
  }
}

export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}
