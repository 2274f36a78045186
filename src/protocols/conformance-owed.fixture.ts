// What a protocol still owes before the conformance run can look at it, each as a sentence that says what to write and
// where. Nothing else is judged here: whether what is there is right is for the tests.
import {
  type Conformance,
  type ConformanceAccounts,
  type ConformanceConnector,
  type ConformanceProof,
  NEGATIVES,
} from './conformance.fixture.ts'
import type { Connector, Protocol } from './protocol.ts'

/** What every folder holds. */
export const PROTOCOL_FILES = [
  'README.md',
  'index.ts',
  'wire.ts',
  'sign.ts',
  'status.ts',
  'connector.ts',
  'door.ts',
  'builder.ts',
  'document.ts',
  'sandbox.ts',
  'conformance.fixture.ts',
] as const

/** Files that the folder lacks. `filesIn` gives the names in a folder below the protocol's own; none where there is none. */
export function filesOwed(name: string, filesIn: (folder: string) => readonly string[]): readonly string[] {
  const held = new Set(filesIn('.'))
  const lacking = PROTOCOL_FILES.filter(file => !held.has(file)).map(
    file => `${name} lacks the file ${file}: every protocol folder holds the same files`,
  )
  const hasVectors = filesIn('vectors').some(file => /\.(?:json|txt)$/.test(file))
  return hasVectors
    ? lacking
    : [...lacking, `${name} has no vectors: put recorded bytes that our own code did not make into vectors/`]
}

/** What the fixture of a protocol lacks; none where the run can begin. */
export function conformanceOwed(protocol: Protocol, conformance: Conformance | null): readonly string[] {
  if (conformance === null) {
    return [`${protocol.name} owes conformance.fixture.ts with an export named conformance`]
  }
  const owed: string[] = []
  for (const part of PARTS) {
    if (protocol[part] === undefined) owed.push(`index.ts says nothing of ${part}: name it, or null`)
  }
  if (protocol.connector === null && protocol.proof === null)
    owed.push('index.ts has neither a connector nor a proof connector: a protocol is spoken both ways')
  if (protocol.door === null)
    owed.push('index.ts has no door: what its clients would send us is the other half of the run')
  if ((protocol.connector === null) !== (conformance.connector === null))
    owed.push('the fixture has a `connector` exactly where index.ts has one')
  if ((protocol.proof === null) !== (conformance.proof === null))
    owed.push('the fixture has a `proof` exactly where index.ts has one')
  if ((protocol.builder === null) !== (conformance.client === null))
    owed.push('the fixture has a `client` exactly where index.ts has a builder')

  if (protocol.builder?.calls.length === 0)
    owed.push('builder.calls is empty: one call for each route, with an example that the door takes')
  if (protocol.document?.operations.length === 0)
    owed.push('document.operations is empty: what a reader is told of each route')
  if (protocol.connector !== null && protocol.sandbox?.rail.currencies.length === 0)
    owed.push('sandbox.rail.currencies is empty: what the simulated provider pays')

  if (conformance.credentials.length === 0)
    owed.push('credentials is empty: name who the door knows, one of them switched off')
  if (conformance.transcripts.scrubs.length === 0)
    owed.push('transcripts.scrubs is empty: show one exchange whole, and as it may be kept')
  if (conformance.transcripts.secrets.length === 0)
    owed.push('transcripts.secrets is empty: name the secrets, signatures and beneficiaries of the run')
  owed.push(...signatureOwed(protocol.connector, conformance))
  if (conformance.connector !== null)
    owed.push(...connectorOwed((protocol.connector?.commit ?? null) !== null, conformance.connector))
  if (conformance.proof !== null) owed.push(...proofOwed(conformance.proof))
  return owed.map(sentence => `${protocol.name} owes: ${sentence}`)
}

const PARTS = ['connector', 'proof', 'door', 'builder', 'document', 'sandbox'] as const

function signatureOwed(connector: Connector | null, conformance: Conformance): readonly string[] {
  const { signature } = conformance
  const owed: string[] = []
  if (!signature.good.some(message => 'door' in message))
    owed.push('signature.good has no message to the door: sign one by hand that must be taken')
  const account = conformance.connector?.pairs[0]?.account
  const callsBack = connector !== null && account !== undefined && connector.capabilities(account).callsBack
  if (callsBack && !signature.good.some(message => 'callback' in message))
    owed.push('signature.good has no callback, though capabilities say that the provider calls back')
  for (const name of NEGATIVES) {
    const negative = signature.negatives[name]
    const isEnough =
      typeof negative === 'string' ? negative === 'replayed' || negative.length > 10 : negative.length > 0
    if (!isEnough)
      owed.push(
        `signature.negatives '${name}': messages that must be refused, or a sentence why it cannot apply`,
      )
  }
  return owed
}

function connectorOwed(isTwoStep: boolean, part: ConformanceConnector): readonly string[] {
  const owed = [...accountsOwed('connector', part.accounts)]
  if (part.pairs.length === 0)
    owed.push(
      'connector.pairs is empty: an order for each currency and kind of beneficiary, with its two ends',
    )
  if (new Set(part.pairs.map(({ order }) => order.reference)).size < part.pairs.length)
    owed.push('connector.pairs: each order has a reference of its own')
  if (part.statuses.listed.length === 0)
    owed.push('connector.statuses.listed is empty: every value that the contract gives a meaning')
  if (isTwoStep !== (part.statuses.commit !== undefined))
    owed.push('connector.statuses.commit is there exactly where the protocol has two steps')
  return owed
}

function proofOwed(part: ConformanceProof): readonly string[] {
  const owed = [...accountsOwed('proof', part.accounts)]
  if (part.images.length === 0) owed.push('proof.images is empty: one small picture of each type')
  if (part.hostileImages.length === 0)
    owed.push('proof.hostileImages is empty: pictures that are not what they say')
  if (part.hostileAnswers.length === 0)
    owed.push(
      'proof.hostileAnswers is empty: every refusal of the contract, and answers about something else',
    )
  return owed
}

function accountsOwed(part: string, { good, bad }: ConformanceAccounts): readonly string[] {
  return [
    ...(good.length > 0 ? [] : [`${part}.accounts.good is empty: an account that is complete`]),
    ...(bad.length > 0
      ? []
      : [`${part}.accounts.bad is empty: for each setting one that lacks it or has it wrong`]),
  ]
}
