// The store on Postgres: each function of store.ts, put together from the file that holds its SQL.
import type { Seal } from '../lib/seal.ts'
import { acceptPayouts, takeNumbers } from './accept.ts'
import { advancePayouts } from './advance.ts'
import { auditorSigns } from './auditor.ts'
import { backlog, fundMerchant, merchantBalances, readBooks } from './books.ts'
import { recordCallbacks } from './callbacks.ts'
import { claimAttempts, claimDue } from './claim.ts'
import * as configuration from './configuration.ts'
import { contractsOf } from './contracts.ts'
import * as doors from './doors.ts'
import * as find from './find.ts'
import * as incarnations from './incarnations.ts'
import { migrationState } from './migrate.ts'
import { claimNotices, recordNotices } from './notices.ts'
import type { Pool } from './postgres.ts'
import * as proofs from './proofs.ts'
import { safeModeStore } from './safe-mode.ts'
import type { Store } from './store.ts'
import * as switches from './switches.ts'
import { wholeStatements } from './whole.ts'

/** The migrations that make the schema these functions stand on. */
export const MIGRATIONS = new URL('./migrations/', import.meta.url)

export function openStore({ pool, seal }: { pool: Pool; seal: Seal }): Store {
  const whole = wholeStatements(pool)
  const contracts = contractsOf(whole)
  return {
    takeNumbers: count => takeNumbers(whole, count),
    acceptPayouts: batch => acceptPayouts(whole, seal, batch),
    claimDue: claim => claimDue(whole, seal, claim),
    advancePayouts: batch => advancePayouts(whole, contracts, batch),
    claimAttempts: claim => claimAttempts(whole, seal, contracts, claim),
    recordCallbacks: batch => recordCallbacks(whole, seal, batch),
    trippedSwitches: () => switches.trippedSwitches(whole),
    tripSwitch: trip => switches.tripSwitch(whole, trip),
    switchEvents: limit => switches.switchEvents(whole, limit),

    claimNotices: claim => claimNotices(whole, seal, claim),
    recordNotices: batch => recordNotices(whole, batch),

    findConfirmation: (merchantId, number) => doors.findConfirmation(whole, merchantId, number),
    beginOneTimeUse: use => doors.beginOneTimeUse(whole, use),
    answerOneTimeUse: (use, answer) => doors.answerOneTimeUse(whole, use, answer),
    forgetOneTimeUses: () => doors.forgetOneTimeUses(whole),

    claimProofSearches: claim => proofs.claimProofSearches(whole, claim),
    recordProofSearch: result => proofs.recordProofSearch(whole, seal, result),
    keepOwnProofImage: (merchantId, number, version, image) =>
      proofs.keepOwnProofImage(whole, seal, { merchantId, number, version }, image),
    proofImages: (merchantId, number) => proofs.proofImages(whole, seal, merchantId, number),
    proofSearches: (merchantId, number) => proofs.proofSearches(whole, merchantId, number),

    findPayout: (merchantId, by) => find.findPayout(whole, seal, merchantId, by),
    findForStep: (merchantId, number) => find.findForStep(whole, seal, contracts, merchantId, number),
    listPayouts: (merchantId, page) => find.listPayouts(whole, seal, merchantId, page),
    payoutEvents: (merchantId, number) => find.payoutEvents(whole, merchantId, number),
    payoutPostings: (merchantId, number) => find.payoutPostings(whole, merchantId, number),
    payoutAttempts: (merchantId, number) => find.payoutAttempts(whole, merchantId, number),
    payoutExchanges: (merchantId, number) => find.payoutExchanges(whole, merchantId, number),
    payoutNotices: (merchantId, number) => find.payoutNotices(whole, merchantId, number),
    merchantBalances: merchantId => merchantBalances(whole, merchantId),
    readBooks: merchantId => readBooks(whole, merchantId),
    backlog: () => backlog(whole),

    putMerchant: merchant => configuration.putMerchant(whole, merchant),
    putApiKey: key => configuration.putApiKey(whole, key),
    putDoorCredential: credential => configuration.putDoorCredential(whole, seal, credential),
    putProviderAccount: account => configuration.putProviderAccount(whole, seal, account),
    putRoute: route => configuration.putRoute(whole, route),
    fundMerchant: funding => fundMerchant(pool, funding),
    readConfiguration: () => configuration.readConfiguration(whole, seal),
    configurationVersion: () => configuration.configurationVersion(whole),

    beginIncarnation: process => incarnations.beginIncarnation(whole, process),
    findIncarnation: incarnation => incarnations.findIncarnation(whole, incarnation),
    touchIncarnation: (incarnation, journalBytes) =>
      incarnations.touchIncarnation(whole, incarnation, journalBytes),
    endIncarnation: incarnation => incarnations.endIncarnation(whole, incarnation),
    withOpenSends: of => incarnations.withOpenSends(whole, of),
    wakeOpenSends: of => incarnations.wakeOpenSends(whole, of),
    withLiveAttempts: of => incarnations.withLiveAttempts(whole, of),
    ...safeModeStore(whole, seal),
    auditorSigns: () => auditorSigns(whole),
    async ready() {
      try {
        const state = await migrationState(pool, MIGRATIONS)
        return state === 'current' ? { ok: true } : { ok: false, why: `the database schema is ${state}` }
      } catch {
        return { ok: false, why: 'the database does not answer' }
      }
    },
    close: () => pool.end(),
  }
}
