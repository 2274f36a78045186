// Differences that are planted in the model, one at a time: a store that is wrong in one thing. The scripts have to find
// each, or they would not find it in Postgres, or in the model, either.
import type { AcceptVerdict, PayoutStep, Store } from '../../src/store/store.ts'
import type { ModelStore } from '../simulation/model/model-store.ts'
import { ModelRefusal } from '../simulation/model/refusal.ts'

export type Plant = (store: ModelStore) => Partial<Store>

export const PLANTED: Readonly<Record<string, Plant>> = {
  'a claim ignores its lease': store => ({
    claimDue: claim => store.claimDue({ ...claim, leaseMs: 0 }),
  }),
  'a claim of attempts lasts twice as long': store => ({
    claimAttempts: claim => store.claimAttempts({ ...claim, leaseMs: claim.leaseMs * 2 }),
  }),
  'a claim takes one more than its limit': store => ({
    claimDue: claim => store.claimDue({ ...claim, limit: claim.limit + 1 }),
  }),
  'a replay gives another answer': store => ({
    acceptPayouts: async batch => {
      const verdicts = await store.acceptPayouts(batch)
      return verdicts.map((verdict, place) =>
        verdict.kind === 'replayed' ? { ...verdict, answer: batch[place]?.firstAnswer ?? '' } : verdict,
      )
    },
  }),
  'a conflict of the key is told as one of the reference': store => ({
    acceptPayouts: async batch =>
      (await store.acceptPayouts(batch)).map(verdict =>
        verdict.kind === 'conflict' ? ({ ...verdict, by: 'reference' } satisfies AcceptVerdict) : verdict,
      ),
  }),
  'a refusal is told before a repeat': store => ({
    acceptPayouts: async batch =>
      (await store.acceptPayouts(batch)).map((verdict, place) => {
        const why = batch[place]?.refuse ?? null
        return why === null ? verdict : { kind: 'refused', why }
      }),
  }),
  'the balance is not looked at': store => ({
    acceptPayouts: async batch =>
      (await store.acceptPayouts(batch)).map(verdict =>
        verdict.kind === 'insufficient' ? { kind: 'accepted' } : verdict,
      ),
  }),
  'a stale version is applied': store => ({
    advancePayouts: batch =>
      store.advancePayouts(batch.map(step => ({ ...step, version: versionOf(store, step) ?? step.version }))),
  }),
  'a lost claim still opens an attempt': store => ({
    advancePayouts: batch => store.advancePayouts(batch.map(step => ({ ...step, claim: null }))),
  }),
  'an old revision of an attempt is overwritten': store => ({
    advancePayouts: batch =>
      store.advancePayouts(
        batch.map(step =>
          step.attempt?.kind === 'changed' ? { ...step, attempt: { ...step.attempt, revision: null } } : step,
        ),
      ),
  }),
  'an illegal step is taken for a stale one': store => ({
    advancePayouts: async batch => {
      try {
        return await store.advancePayouts(batch)
      } catch (error) {
        if (error instanceof ModelRefusal) return batch.map(() => ({ kind: 'stale' }))
        throw error
      }
    },
  }),
  'half a batch is written before the other half is refused': store => ({
    advancePayouts: async batch => {
      const refused: unknown[] = []
      const verdicts: Awaited<ReturnType<Store['advancePayouts']>>[number][] = []
      for (const step of batch)
        try {
          verdicts.push(...(await store.advancePayouts([step])))
        } catch (error) {
          refused.push(error)
        }
      if (refused.length > 0) throw refused[0]
      return verdicts
    },
  }),
  'tries are not counted': store => ({
    advancePayouts: batch =>
      store.advancePayouts(
        batch.map(step =>
          step.queue.kind === 'put' ? { ...step, queue: { ...step.queue, counted: false } } : step,
        ),
      ),
  }),
  'a second confirmation replaces the first': store => {
    const last = new Map<string, string>()
    return {
      advancePayouts: async batch => {
        const verdicts = await store.advancePayouts(batch)
        for (const [place, step] of batch.entries())
          if (verdicts[place]?.kind === 'done' && step.confirmation !== null)
            last.set(`${step.merchantId} ${step.number}`, step.confirmation)
        return verdicts
      },
      findConfirmation: async (merchantId, number) => last.get(`${merchantId} ${number}`) ?? null,
    }
  },
  'a callback that nobody verified wakes the look': store => ({
    recordCallbacks: batch => store.recordCallbacks(batch.map(one => ({ ...one, verified: true }))),
  }),
  'a known callback is kept again': store => ({
    recordCallbacks: async batch =>
      (await store.recordCallbacks(batch)).map(verdict => (verdict === 'known' ? 'kept' : verdict)),
  }),
  'notices come out of order': store => ({
    claimNotices: async claim =>
      (await store.claimNotices(claim)).map(due => {
        const rows =
          store.tables().dossiers.get(`${due.payout.merchantId} ${due.payout.number}`)?.notices ?? []
        const last = rows.filter(({ target, state }) => target === due.target && state === 'due').at(-1)
        return { ...due, sequence: last?.sequence ?? due.sequence }
      }),
  }),
  'a notice that was not taken is let go': store => ({
    recordNotices: batch =>
      store.recordNotices(
        batch.map(result =>
          result.next.kind === 'again' ? { ...result, next: { kind: 'parked' } } : result,
        ),
      ),
  }),
  'a notice tells of the newest state': store => ({
    claimNotices: async claim =>
      (await store.claimNotices(claim)).map(due => ({ ...due, state: due.payout.state })),
  }),
  'another content passes as the same use': store => ({
    beginOneTimeUse: async use => {
      const used = await store.beginOneTimeUse(use)
      return used.kind === 'other' ? { kind: 'same', answer: null } : used
    },
  }),
  'the second answer to a use stands': store => ({
    answerOneTimeUse: async (use, answer) => {
      await store.answerOneTimeUse(use, answer)
      return answer
    },
  }),
  'uses are forgotten at once': store => ({
    beginOneTimeUse: use => store.beginOneTimeUse({ ...use, keepMs: 0 }),
  }),
  'a dispute is not told': store => ({
    findPayout: async (merchantId, by) => {
      const payout = await store.findPayout(merchantId, by)
      return payout === null ? null : { ...payout, disputed: false }
    },
  }),
  'a picture of an older version is kept': store => ({
    keepOwnProofImage: (merchantId, number, version, image) =>
      store.keepOwnProofImage(merchantId, number, versionOf(store, { merchantId, number }) ?? version, image),
  }),
  'a search for pictures never ends': store => ({
    recordProofSearch: result => store.recordProofSearch({ ...result, nextInMs: result.nextInMs ?? 3_000 }),
  }),
  'a reference belongs to everybody': store => ({
    findPayout: async (merchantId, by) => {
      const own = await store.findPayout(merchantId, by)
      if (own !== null || by.by !== 'number') return own
      const others = [...store.tables().dossiers.values()].filter(({ payout }) => payout.number === by.number)
      return others[0]?.payout ?? null
    },
  }),
  'a funding counts twice': store => ({
    fundMerchant: async funding => {
      const told = await store.fundMerchant(funding)
      if (told === 'known') await store.fundMerchant({ ...funding, reference: `${funding.reference} again` })
      return told
    },
  }),
  'the configuration changes unseen': store => ({
    configurationVersion: async () => (await store.configurationVersion()) - 2n,
  }),
}

/** The model with one thing planted in it; what the runner looks at stays the model's own. */
export function planted(store: ModelStore, plant: Plant): ModelStore {
  return { ...store, ...plant(store) }
}

function versionOf(
  store: ModelStore,
  { merchantId, number }: Pick<PayoutStep, 'merchantId' | 'number'>,
): number | null {
  return store.tables().dossiers.get(`${merchantId} ${number}`)?.payout.version ?? null
}
