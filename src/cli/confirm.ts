// `quittance confirm`: a person's own word, at the host. The host lends the machine and nothing else: key and code are the
// person's, and are judged as they are at the API.
import { readFile } from 'node:fs/promises'
import type { Environment } from './configured.ts'
import { LIVE, toldRefusal, withPeople } from './people-house.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface ConfirmOptions {
  readonly person: string
  readonly keyFile: string
  readonly code: string
}

export async function confirm(
  decision: string,
  options: ConfirmOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  const key = await readFile(options.keyFile, 'utf8').catch(() => null)
  if (key === null) {
    terminal.problem(`quittance confirm: --key-file cannot be read: ${options.keyFile}`)
    return 2
  }
  return withPeople('confirm', environment, terminal, async desk => {
    const by = await desk.authenticate(key.trim(), LIVE)
    if (by === null || by.person.personId !== options.person) {
      terminal.problem(
        `quittance confirm: the key is not one of ${options.person}, or it does not work any more`,
      )
      return 1
    }
    const answer = await desk.confirm(by, decision, options.code)
    if (answer.kind === 'refused') return toldRefusal('confirm', answer, terminal)
    terminal.line(
      `${decision} is confirmed by ${options.person}: ${answer.proposal.kind} of ${answer.proposal.subject}.`,
    )
    return 0
  })
}
