// The store as a model in memory: the same interface, the same rules, independent code. Each function applies in one step
// without a wait inside, which is all that a whole transaction promises; faults belong to the edge (faults.ts). Written
// from the SQL and the documents, and held to Postgres by the scripts of test/store.
import { assert } from '../../../src/lib/assert.ts'
import type { Clock } from '../../../src/lib/clock.ts'
import { sha256Hex } from '../../../src/lib/digest.ts'
import type { NewPayout, SafeModeSign, Store } from '../../../src/store/store.ts'
import { advance } from './advance.ts'
import * as claims from './claims.ts'
import * as doors from './doors.ts'
import { accept } from './intake.ts'
import { stored } from './json.ts'
import { personOf } from './persons.ts'
import * as proposals from './proposals.ts'
import * as reads from './reads.ts'
import type { Releases } from './releases.ts'
import * as runs from './runs.ts'
import * as safeMode from './safe-mode.ts'
import { FIRST_SERVER } from './safe-mode.ts'
import * as setUp from './set-up.ts'
import {
  beginTransaction,
  commit,
  copyTables,
  emptyTables,
  type State,
  stateOf,
  type Tables,
  type Transaction,
} from './state.ts'
import * as switches from './switches.ts'
import * as tellings from './tellings.ts'
import { UNMODELLED } from './unmodelled.ts'

/** One commit, and what it touched. */
export interface Change {
  /** Counts commits from 1. */
  readonly commit: number
  readonly name: keyof ModelStore
  readonly atMs: number
  /** Keys of the payouts whose rows changed (rows.ts `payoutKey`). */
  readonly payouts: readonly string[]
}

/** What a call meets that others make at the same moment: see the scripts with parallel calls. */
export interface Meanwhile {
  /** Claims go past such rows. */
  readonly isLocked: claims.IsLocked
  /** Another call records the same reference or key, and this one cannot see it yet. */
  readonly isRaced: (payout: NewPayout) => boolean
}

export type DueKind = 'queue' | 'attempts' | 'notices' | 'searches' | 'questions'

/** The tables that a history reads beside its processes. */
export type WorldTables = Pick<Readonly<Tables>, 'incidents' | 'switches'>

/** A store as a history plays it: this model, or real Postgres (test/simulation/postgres). */
export interface WorldStore extends Store, Releases {
  tables(): WorldTables
  /** When the next row of each kind comes due; null where none will by itself. */
  nextDueAtMs(): Readonly<Record<DueKind, number | null>>
  commits(): number
  /**
   * The committed tables as they are; a restore puts them back, sequences included, and loses what came after. With a sign
   * it is a restored server; without one it is the same server, and nobody notices.
   */
  snapshot(): Snapshot
  restore(snapshot: Snapshot, as?: SafeModeSign | null): void
}

export interface ModelStore extends WorldStore {
  /** Everything committed; rows are never changed, only replaced. To look at, not to write to. */
  tables(): Readonly<Tables>
  /** Runs after each commit, before its caller hears of it. */
  onCommit(listener: (change: Change) => void): void
  /** Until it is set again. */
  meanwhile(of: Meanwhile): void
}

export interface Snapshot {
  readonly tables: Tables
  /** How far the log of the server was; absent: as far as it is. */
  readonly position?: number
}

export const ALONE: Meanwhile = { isLocked: () => false, isRaced: () => false }

export function createModelStore({ clock }: { readonly clock: Pick<Clock, 'now'> }): ModelStore {
  let state: State = stateOf(emptyTables())
  let commits = 0
  let meanwhile = ALONE
  /** Not part of the tables: what a restore takes away was drawn all the same. */
  let journals = 0
  let server = FIRST_SERVER
  const listeners: ((change: Change) => void)[] = []
  const contractIds = new WeakMap<object, string>()

  /** `body` throws before anything is written, or not at all. */
  function write<Result>(name: keyof ModelStore, body: (tx: Transaction) => Result): Result {
    const tx = beginTransaction(Math.floor(clock.now()))
    const result = body(tx)
    commit(state, tx)
    commits += 1
    server = { ...server, position: server.position + 1 }
    if (listeners.length > 0) {
      const change = { commit: commits, name, atMs: tx.nowMs, payouts: [...tx.drafts.keys()] }
      for (const listener of listeners) listener(change)
    }
    return result
  }

  function contractIdOf(contract: unknown): string {
    const known = typeof contract === 'object' && contract !== null ? contractIds.get(contract) : undefined
    const id = known ?? sha256Hex(JSON.stringify(contract)).slice(0, 32)
    if (typeof contract === 'object' && contract !== null) contractIds.set(contract, id)
    if (!state.tables.contracts.has(id)) state.tables.contracts.set(id, stored(contract))
    return id
  }

  // Asked after every commit and for one kind at a time, so each is looked up only where it is read.
  const nextDue = {
    /** What a switch stops comes due when it is released, which is a commit. */
    get queue() {
      if (!safeMode.maySend(state, server, null)) return null
      const isPassed = switches.passesOver(state)
      return isPassed === null ? state.due.queue.nextAtMs() : state.due.queue.nextOf(isPassed)
    },
    get attempts() {
      return state.due.attempts.nextAtMs()
    },
    get notices() {
      return state.due.notices.nextAtMs()
    },
    get searches() {
      return state.due.searches.nextAtMs()
    },
    get questions() {
      return safeMode.nextQuestionAtMs(state, clock.now())
    },
  }

  return {
    ...UNMODELLED,
    async takeNumbers(count) {
      assert(count > 0 && count <= 1000, 'numbers are given in blocks of at most 1000')
      return { first: setUp.takeBlock(state) }
    },
    acceptPayouts: async batch => write('acceptPayouts', tx => accept(state, tx, batch, meanwhile.isRaced)),
    claimDue: async claim =>
      write('claimDue', tx =>
        safeMode.maySend(state, server, claim.noted ?? null)
          ? claims.claimDue(state, tx, claim, meanwhile.isLocked)
          : [],
      ),
    advancePayouts: async batch => {
      // Contracts are kept beforehand, whatever becomes of the steps.
      for (const { attempt } of batch) if (attempt?.kind === 'opened') contractIdOf(attempt.contract)
      return write('advancePayouts', tx => advance(state, tx, batch, contractIdOf, server))
    },
    claimAttempts: async claim =>
      write('claimAttempts', tx => claims.claimAttempts(state, tx, claim, meanwhile.isLocked)),
    recordCallbacks: async batch =>
      write('recordCallbacks', tx => tellings.recordCallbacks(state, tx, batch)),

    claimNotices: async claim =>
      write('claimNotices', tx => claims.claimNotices(state, tx, claim, meanwhile.isLocked)),
    recordNotices: async batch => write('recordNotices', tx => tellings.recordNotices(state, tx, batch)),

    findConfirmation: async (merchantId, number) =>
      reads.dossierOf(state, merchantId, number)?.confirmation?.answer ?? null,
    beginOneTimeUse: async use => write('beginOneTimeUse', tx => doors.beginOneTimeUse(state, tx.nowMs, use)),
    answerOneTimeUse: async (use, answer) =>
      write('answerOneTimeUse', () => doors.answerOneTimeUse(state, use, answer)),
    forgetOneTimeUses: async () => write('forgetOneTimeUses', tx => doors.forgetOneTimeUses(state, tx.nowMs)),

    claimProofSearches: async claim =>
      write('claimProofSearches', tx => claims.claimProofSearches(state, tx, claim, meanwhile.isLocked)),
    recordProofSearch: async result =>
      write('recordProofSearch', tx => doors.recordProofSearch(state, tx, result)),
    keepOwnProofImage: async (merchantId, number, version, image) =>
      write('keepOwnProofImage', tx => doors.keepOwnImage(state, tx, { merchantId, number, version }, image)),
    proofImages: async (merchantId, number) => reads.proofImages(reads.dossierOf(state, merchantId, number)),
    proofSearches: async (merchantId, number) =>
      reads.proofSearches(reads.dossierOf(state, merchantId, number)),

    findPayout: async (merchantId, by) => reads.findPayout(state, merchantId, by),
    findForStep: async (merchantId, number) => reads.findForStep(state, merchantId, number),
    listPayouts: async (merchantId, page) => reads.listPayouts(state, merchantId, page),
    payoutEvents: async (merchantId, number) => reads.dossierOf(state, merchantId, number)?.events ?? [],
    payoutPostings: async (merchantId, number) => reads.payoutPostings(state, merchantId, number),
    payoutAttempts: async (merchantId, number) =>
      (reads.dossierOf(state, merchantId, number)?.attempts ?? []).map(({ attempt }) => attempt),
    payoutExchanges: async (merchantId, number) =>
      reads.dossierOf(state, merchantId, number)?.exchanges ?? [],
    payoutNotices: async (merchantId, number) =>
      reads.payoutNotices(reads.dossierOf(state, merchantId, number)),
    merchantBalances: async merchantId => reads.merchantBalances(state, merchantId),
    readBooks: async merchantId => reads.readBooks(state, merchantId),
    backlog: async () => reads.backlog(state),

    putMerchant: async merchant => write('putMerchant', () => setUp.putMerchant(state, merchant)),
    putApiKey: async key => write('putApiKey', () => setUp.putApiKey(state, key)),
    putDoorCredential: async credential =>
      write('putDoorCredential', () => setUp.putDoorCredential(state, credential)),
    putProviderAccount: async account =>
      write('putProviderAccount', () => setUp.putProviderAccount(state, account)),
    putRoute: async route => write('putRoute', () => setUp.putRoute(state, route)),
    fundMerchant: async funding => write('fundMerchant', tx => setUp.fund(state, tx, funding)),
    readConfiguration: async () => setUp.readConfiguration(state),
    configurationVersion: async () => state.tables.configurationVersion,

    trippedSwitches: async () => switches.trippedSwitches(state),
    tripSwitch: async trip => write('tripSwitch', tx => switches.tripSwitch(state, tx.nowMs, trip)),
    releaseSwitch: async release => write('releaseSwitch', tx => switches.releaseSwitch(state, tx, release)),
    switchEvents: async limit => switches.switchEvents(state, limit),

    beginIncarnation: async process =>
      write('beginIncarnation', tx => {
        journals += 1
        return runs.beginIncarnation(state, tx.nowMs, process, `journal ${journals}`)
      }),
    findIncarnation: async incarnation => runs.findIncarnation(state, incarnation),
    touchIncarnation: async (incarnation, bytes = 0) =>
      write('touchIncarnation', tx => runs.touchIncarnation(state, tx.nowMs, incarnation, bytes)),
    endIncarnation: async incarnation =>
      write('endIncarnation', tx => runs.endIncarnation(state, tx.nowMs, incarnation)),
    withOpenSends: async incarnations => runs.withOpenSends(state, incarnations),
    wakeOpenSends: async incarnations =>
      write('wakeOpenSends', tx => runs.wakeOpenSends(state, tx, incarnations)),
    withLiveAttempts: async incarnations => runs.withLiveAttempts(state, incarnations),
    checkInstallation: async (noted, journalIds) =>
      write('checkInstallation', tx => safeMode.checkInstallation(state, tx, server, noted, journalIds)),
    sweptJournals: async () => [...state.tables.sweptJournals],
    safeModes: async () => safeMode.safeModes(state, clock.now()),
    releaseSafeMode: async release =>
      write('releaseSafeMode', tx => safeMode.releaseSafeMode(state, tx.nowMs, release)),
    unknownSends: async sends => safeMode.unknownSends(state, sends),
    claimReferenceQuestions: async claim =>
      state.tables.safeModes.length === 0
        ? []
        : write('claimReferenceQuestions', tx => safeMode.claimQuestions(state, tx.nowMs, claim)),
    answerReferenceQuestion: async answer =>
      write('answerReferenceQuestion', tx => safeMode.answerQuestion(state, tx.nowMs, answer)),
    recordPhantom: async of => write('recordPhantom', tx => safeMode.recordPhantom(state, tx, of)),
    sweepCounts: async () => safeMode.sweepCounts(state),
    findPhantom: async (merchantId, among) => safeMode.findPhantom(state, merchantId, among),
    phantomCount: async () => state.tables.incidents.filter(({ kind }) => kind === 'phantom').length,
    findDecidable: async of => proposals.findDecidable(state, Math.floor(clock.now()), of),
    propose: async asked => write('propose', tx => proposals.propose(state, tx.nowMs, asked)),
    findProposal: async id => proposals.findProposal(state, clock.now(), id),
    confirmProposal: async one =>
      write('confirmProposal', tx => proposals.confirmProposal(state, tx, one, contractIdOf, server)),
    endProposal: async end => write('endProposal', tx => proposals.endProposal(state, tx.nowMs, end)),
    findFactor: async personId => personOf(personId)?.factor ?? null,
    useCode: async (personId, _credential, step) =>
      write('useCode', tx => proposals.useCode(state, tx.nowMs, personId, step)),
    installationId: async () => state.tables.installation,
    ready: async () => ({ ok: true }),
    close: async () => {},

    tables: () => state.tables,
    nextDueAtMs: () => nextDue,
    commits: () => commits,
    onCommit: listener => {
      listeners.push(listener)
    },
    snapshot: () => ({ tables: copyTables(state.tables), position: server.position }),
    restore: (snapshot, as = null) => {
      state = stateOf(copyTables(snapshot.tables))
      if (as !== null) server = safeMode.restoredServer(server, snapshot.position ?? server.position, as)
    },
    meanwhile: of => {
      meanwhile = of
    },
  }
}
