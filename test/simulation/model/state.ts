// Everything that the model has committed, and the transaction that is being made. A transaction collects what it would
// write; only the whole of it is put into the state, in one step that cannot fail. Whatever throws before has done nothing.
import type {
  ApiKey,
  Merchant,
  Route,
  SafeModeState,
  StoredCredential,
  StoredProviderAccount,
  SwitchEvent,
  TrippedSwitch,
} from '../../../src/store/store.ts'
import { createDueIndex, type DueIndex } from './due.ts'
import type {
  BalanceRow,
  Dossier,
  FundingRow,
  IncarnationRow,
  IncidentRow,
  KnownServer,
  OneTimeUseRow,
  ProposalRow,
  QuestionRow,
} from './rows.ts'

export interface Tables {
  dossiers: Map<string, Dossier>
  /** Unique indexes: from the merchant's reference, or key, to the payout that has it for ever. */
  references: Map<string, string>
  idempotencyKeys: Map<string, string>
  attemptReferences: Set<string>
  balances: Map<string, BalanceRow>
  /** Merchant and currency of accounts that were opened. */
  openings: Set<string>
  fundings: Map<string, FundingRow>
  incidents: IncidentRow[]
  oneTimeUses: Map<string, OneTimeUseRow>
  contracts: Map<string, unknown>
  incarnations: Map<bigint, IncarnationRow>
  /** The id of the installation, drawn once, and how its server looked when it was last right. */
  installation: string
  knownServer: KnownServer
  safeModes: SafeModeState[]
  sweptJournals: Set<string>
  /** By payout, attempt and provider account. */
  questions: Map<string, QuestionRow>
  merchants: Map<string, Merchant>
  apiKeys: Map<string, ApiKey>
  credentials: Map<string, StoredCredential>
  providerAccounts: Map<string, StoredProviderAccount>
  routes: Map<string, Route>
  configurationVersion: bigint
  /** By scope and id, in the order in which they were tripped. */
  switches: Map<string, TrippedSwitch>
  switchEvents: SwitchEvent[]
  /** By their ids, in the order in which they were proposed. */
  proposals: Map<string, ProposalRow>
  /** Person and half minute: of the codes that were used, and of those by which something was confirmed. */
  usedCodes: Set<string>
  agreedCodes: Set<string>
  wrongCodes: { readonly personId: string; readonly atMs: number }[]
  /** The last number that each sequence gave. Sequences do not go back with a transaction that is rolled back. */
  lastClaim: bigint
  lastBlock: bigint
  lastIncarnation: bigint
}

export interface Due {
  readonly queue: DueIndex
  readonly attempts: DueIndex
  readonly notices: DueIndex
  readonly searches: DueIndex
}

export type Draft = { -readonly [Field in keyof Dossier]: Dossier[Field] }

export interface State {
  readonly tables: Tables
  readonly due: Due
}

export function emptyTables(): Tables {
  return {
    dossiers: new Map(),
    references: new Map(),
    idempotencyKeys: new Map(),
    attemptReferences: new Set(),
    balances: new Map(),
    openings: new Set(),
    fundings: new Map(),
    incidents: [],
    oneTimeUses: new Map(),
    contracts: new Map(),
    incarnations: new Map(),
    installation: 'the installation',
    knownServer: { systemIdentifier: 1, timeline: 1 },
    safeModes: [],
    sweptJournals: new Set(),
    questions: new Map(),
    merchants: new Map(),
    apiKeys: new Map(),
    credentials: new Map(),
    providerAccounts: new Map(),
    routes: new Map(),
    configurationVersion: 1n,
    switches: new Map(),
    switchEvents: [],
    proposals: new Map(),
    usedCodes: new Set(),
    agreedCodes: new Set(),
    wrongCodes: [],
    lastClaim: 0n,
    lastBlock: -999n,
    lastIncarnation: 0n,
  }
}

/** Rows never change, so a copy of the tables is a copy of everything. */
export function copyTables(tables: Tables): Tables {
  return {
    ...tables,
    dossiers: new Map(tables.dossiers),
    references: new Map(tables.references),
    idempotencyKeys: new Map(tables.idempotencyKeys),
    attemptReferences: new Set(tables.attemptReferences),
    balances: new Map(tables.balances),
    openings: new Set(tables.openings),
    fundings: new Map(tables.fundings),
    incidents: [...tables.incidents],
    oneTimeUses: new Map(tables.oneTimeUses),
    contracts: new Map(tables.contracts),
    incarnations: new Map(tables.incarnations),
    merchants: new Map(tables.merchants),
    apiKeys: new Map(tables.apiKeys),
    credentials: new Map(tables.credentials),
    providerAccounts: new Map(tables.providerAccounts),
    routes: new Map(tables.routes),
    safeModes: [...tables.safeModes],
    sweptJournals: new Set(tables.sweptJournals),
    questions: new Map(tables.questions),
    switches: new Map(tables.switches),
    switchEvents: [...tables.switchEvents],
    proposals: new Map(tables.proposals),
    usedCodes: new Set(tables.usedCodes),
    agreedCodes: new Set(tables.agreedCodes),
    wrongCodes: [...tables.wrongCodes],
  }
}

export function stateOf(tables: Tables): State {
  const due: Due = {
    queue: createDueIndex(),
    attempts: createDueIndex(),
    notices: createDueIndex(),
    searches: createDueIndex(),
  }
  for (const dossier of tables.dossiers.values()) indexDue(due, null, dossier)
  return { tables, due }
}

export interface Transaction {
  /** The database's time, the same for the whole transaction. */
  readonly nowMs: number
  readonly drafts: Map<string, Draft>
  readonly balances: Map<string, BalanceRow>
  readonly attemptReferences: Set<string>
  readonly incidents: IncidentRow[]
}

export function beginTransaction(nowMs: number): Transaction {
  return { nowMs, drafts: new Map(), balances: new Map(), attemptReferences: new Set(), incidents: [] }
}

/** The payout as this transaction changes it; null where there is none. */
export function draftOf(state: State, tx: Transaction, key: string): Draft | null {
  const begun = tx.drafts.get(key)
  if (begun !== undefined) return begun
  const dossier = state.tables.dossiers.get(key)
  if (dossier === undefined) return null
  const draft = { ...dossier }
  tx.drafts.set(key, draft)
  return draft
}

export function commit(state: State, tx: Transaction): void {
  const { tables, due } = state
  for (const [key, draft] of tx.drafts) {
    const before = tables.dossiers.get(key) ?? null
    if (before === null) {
      const { merchantId, reference } = draft.payout
      tables.references.set(ownKey(merchantId, reference), key)
      if (draft.intake.idempotencyKey !== null)
        tables.idempotencyKeys.set(ownKey(merchantId, draft.intake.idempotencyKey), key)
    }
    tables.dossiers.set(key, draft)
    indexDue(due, before, draft)
  }
  for (const [key, balance] of tx.balances) tables.balances.set(key, balance)
  for (const reference of tx.attemptReferences) tables.attemptReferences.add(reference)
  for (const incident of tx.incidents) tables.incidents.push(incident)
}

/** References and idempotency keys belong to a merchant. */
export function ownKey(merchantId: string, value: string): string {
  return `${merchantId} ${value}`
}

function indexDue(due: Due, before: Dossier | null, after: Dossier): void {
  const { key } = after
  if (before?.queue !== after.queue) due.queue.set(key, after.queue?.dueAtMs ?? null)
  if (before?.attempts !== after.attempts)
    for (const [place, { attempt }] of after.attempts.entries())
      if (before?.attempts[place] !== after.attempts[place])
        due.attempts.set(`${key} ${attempt.attemptNo}`, attempt.nextInquiryAtMs)
  if (before?.searches !== after.searches)
    for (const search of after.searches) due.searches.set(`${key} ${search.attemptNo}`, search.nextAtMs)
  if (before?.notices !== after.notices) indexNotices(due, after)
}

/** Only the first notice of each target that is due can be claimed: the next one waits for its end. */
function indexNotices(due: Due, { key, notices }: Dossier): void {
  const heads = new Map<string, number | null>()
  for (const notice of notices)
    if ((heads.get(notice.target) ?? null) === null) heads.set(notice.target, notice.dueAtMs)
  for (const [target, dueAtMs] of heads) due.notices.set(`${key} ${target}`, dueAtMs)
}
