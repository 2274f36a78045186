// `quittance decide`: the host proposes what became of a payout in doubt, or looks at what would follow.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { previewResource, proposalResource } from '../api/people-resource.ts'
import type { DecisionAsked, PayoutAsked, Preview } from '../desk/decide.ts'
import { evidenceTypeOf } from '../desk/evidence.ts'
import { printDecimal } from '../money/decimal.ts'
import type { CoveredDays, Verdict } from '../payout/decision.ts'
import { PAYOUT_NUMBER_LIMIT, parsePayoutId } from '../payout/number.ts'
import type { NewEvidence } from '../store/people-store.ts'
import type { Environment } from './configured.ts'
import { hostActor, toldRefusal, withPeople } from './people-house.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface DecideOptions {
  readonly paid?: boolean
  readonly dead?: boolean
  readonly keepWaiting?: boolean
  readonly after?: 'failed' | 'review'
  readonly because: string
  readonly evidence?: readonly string[]
  readonly statement?: readonly string[]
  readonly covers?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

export async function decide(
  payout: string,
  options: DecideOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  const asked = await readAsked(payout, options)
  if (typeof asked === 'string') {
    terminal.problem(`quittance decide: ${asked}`)
    return 2
  }
  return withPeople('decide', environment, terminal, async desk => {
    const isDry = options.dryRun === true
    const answer = isDry
      ? await desk.previewDecision(hostActor(), asked)
      : await desk.proposeDecision(hostActor(), asked)
    if (answer.kind === 'refused') return toldRefusal('decide', answer, terminal)
    if (options.json === true) {
      const proposal = answer.kind === 'proposed' ? proposalResource(answer.proposal) : null
      terminal.line(JSON.stringify({ ...proposal, preview: previewResource(answer.preview) }, null, 2))
      return 0
    }
    for (const line of previewLines(answer.preview)) terminal.line(line)
    terminal.line(
      answer.kind === 'proposed'
        ? `Proposed as ${answer.proposal.proposalId}: another person confirms it within 24 hours.`
        : 'Nothing was proposed.',
    )
    return 0
  })
}

/** What was asked for, or what is wrong with it. */
async function readAsked(payout: string, options: DecideOptions): Promise<DecisionAsked | string> {
  const of = readPayout(payout)
  if (of === null) return 'a payout is po_… or its number'
  const verdict = verdictOf(options)
  if (verdict === null) return 'say one of --paid, --dead, --keep-waiting'
  if (options.after !== undefined && verdict !== 'dead') return '--after stands beside --dead'
  if (options.because.trim() === '' || options.because.length > 2000)
    return '--because has 1 to 2000 characters'
  const { evidence = [], statement = [] } = options
  const covers = readDays(options.covers)
  if (covers === null ? statement.length > 0 : statement.length === 0)
    return '--statement and --covers 2026-11-21..2026-11-22 come together'
  const files: NewEvidence[] = []
  for (const [file, days] of [
    ...evidence.map(one => [one, null] as const),
    ...statement.map(one => [one, covers] as const),
  ]) {
    const read = await readEvidence(file, days)
    if (typeof read === 'string') return read
    files.push(read)
  }
  return {
    payout: of,
    verdict,
    after: options.after ?? null,
    because: options.because,
    evidence: files,
    seen: null,
  }
}

function readPayout(text: string): PayoutAsked | null {
  const whole = parsePayoutId(text)
  if (whole !== null) return whole
  const number = /^[1-9][0-9]{0,15}$/.test(text) ? BigInt(text) : PAYOUT_NUMBER_LIMIT
  return number < PAYOUT_NUMBER_LIMIT ? { number, tag: null } : null
}

function verdictOf({ paid, dead, keepWaiting }: DecideOptions): Verdict | null {
  if (paid === true) return 'paid'
  if (dead === true) return 'dead'
  return keepWaiting === true ? 'keep_waiting' : null
}

function readDays(text: string | undefined): CoveredDays | null {
  const [from = '', through = ''] = text?.split('..') ?? []
  return from === '' || through === '' ? null : { from, through }
}

/** The file is read whole: whoever judges it refuses what is too large. */
async function readEvidence(file: string, covers: CoveredDays | null): Promise<NewEvidence | string> {
  const bytes = await readFile(file).catch(() => null)
  if (bytes === null) return `the file cannot be read: ${file}`
  const mediaType = evidenceTypeOf(bytes)
  if (mediaType === null) return `the file is no PDF, PNG, JPEG or text: ${file}`
  const kind = covers !== null ? 'statement' : mediaType.startsWith('image/') ? 'image' : 'answer'
  return { kind, name: basename(file).slice(-200), mediaType, bytes, covers }
}

function previewLines({ state, postings, ifWrong }: Preview): readonly string[] {
  return [
    state === null ? 'The payout stays as it is.' : `The payout becomes ${state}.`,
    ...postings.map(
      ({ debit, credit, amount }) => `  ${printDecimal(amount)} ${amount.currency}  ${debit} → ${credit}`,
    ),
    `If this is wrong: ${ifWrong}.`,
  ]
}
