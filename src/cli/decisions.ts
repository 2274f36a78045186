// `quittance decisions`: what needs two people, as the host sees it.
import { proposalResource } from '../api/people-resource.ts'
import { isoTime } from '../lib/clock.ts'
import type { Proposal, ProposalState } from '../store/people-store.ts'
import type { Environment } from './configured.ts'
import { hostActor, withPeople } from './people-house.ts'
import { tableLines } from './table.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface DecisionsOptions {
  readonly state?: ProposalState
  readonly limit: number
  readonly json?: boolean
}

export async function decisions(
  options: DecisionsOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  return withPeople('decisions', environment, terminal, async desk => {
    const asked = { state: options.state ?? null, before: null, limit: Math.max(1, options.limit) }
    const found = await desk.proposals(hostActor(), asked)
    if (options.json === true) terminal.line(JSON.stringify({ data: found.map(proposalResource) }, null, 2))
    else for (const line of tableLines(COLUMNS, found)) terminal.line(line)
    return 0
  })
}

const COLUMNS: Parameters<typeof tableLines<Proposal>>[0] = [
  { title: 'decision', text: ({ proposalId }) => proposalId },
  { title: 'kind', text: ({ kind }) => kind },
  { title: 'state', text: ({ state, current }) => (state === 'open' && !current ? 'open, moved on' : state) },
  { title: 'about', text: ({ subject }) => subject },
  { title: 'says', text: ({ content }) => saysOf(content) },
  { title: 'proposed by', text: ({ proposedBy }) => proposedBy },
  { title: 'until', text: ({ expiresAtMs }) => isoTime(expiresAtMs).slice(0, 16) },
  { title: 'ended by', text: ({ endedBy }) => endedBy ?? '' },
]

/** A table is to be read; the whole stands in `--json`. */
const SAYS_LENGTH_MAX = 60

/** The verdict, or whatever the kind calls by a name; else why it was proposed. */
function saysOf(content: unknown): string {
  if (typeof content !== 'object' || content === null) return ''
  const { verdict, name, because }: { verdict?: unknown; name?: unknown; because?: unknown } = content
  const said = verdict ?? name ?? because
  return typeof said === 'string' ? said.slice(0, SAYS_LENGTH_MAX) : ''
}
