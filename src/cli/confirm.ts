// `quittance confirm`: a person's own word, at the host. The host lends the machine and nothing else: key and code are the
// person's, and are judged as they are at the API.
import type { Environment } from './configured.ts'
import { type PersonGivenAtHost, toldRefusal, withPerson } from './people-house.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface ConfirmOptions extends PersonGivenAtHost {
  readonly code: string
}

export function confirm(
  decision: string,
  options: ConfirmOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  return withPerson('confirm', options, environment, terminal, async (desk, by) => {
    const answer = await desk.confirm(by, decision, options.code)
    if (answer.kind === 'refused') return toldRefusal('confirm', answer, terminal)
    terminal.line(
      `${decision} is confirmed by ${options.person}: ${answer.proposal.kind} of ${answer.proposal.subject}.`,
    )
    return 0
  })
}
