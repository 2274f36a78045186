// Sends that a journal holds and this database does not know: they were lost with the tail of its log. Where the payout
// is there and waits before exactly that attempt, the attempt is recorded as it was; everything else is for a person.

import { referenceOf } from './ask-reference.ts'
import { recordFound } from './found.ts'
import type { JournalEntry } from './journal.ts'
import type { Work } from './work.ts'

const BATCH_MAX = 500

/** @throws Unavailable */
export async function restoreJournaled(entries: readonly JournalEntry[], work: Work): Promise<void> {
  for (let from = 0; from < entries.length; from += BATCH_MAX) {
    const unknown = await work.options.store.unknownSends(entries.slice(from, from + BATCH_MAX))
    // Of one payout the earlier attempt first.
    const inOrder = [...unknown].sort((one, other) => one.attemptNo - other.attemptNo)
    for (const { place } of inOrder) {
      const entry = entries[from + place]
      if (entry !== undefined) await restore(entry, work)
    }
  }
}

async function restore(entry: JournalEntry, { options, fleet, needs }: Work): Promise<void> {
  const { merchantId, number, attemptNo, providerAccountId, reference } = entry
  const found = await options.store.findForStep(merchantId, number)
  const ready = fleet.berth(providerAccountId)?.ready ?? null
  // Numbers that were given in the lost life are given again: only the derived reference says whose this is.
  const isOurs = found !== null && ready !== null && referenceOf(found.payout, attemptNo, ready) === reference
  if (isOurs && found.payout.state === 'queued' && entry.step !== 'second') {
    const requestHash = Uint8Array.from(Buffer.from(entry.requestHash, 'hex'))
    const by = 'a send journal holds it'
    const recorded = await recordFound(found.payout, { attemptNo, reference, requestHash, by }, ready, needs)
    if (recorded === 'recorded') return
  }
  // The sweep asks at the same time, and may have found it first.
  if ((await options.store.unknownSends([entry])).length === 0) return
  const what = isOurs ? `the payout is ${found.payout.state} here` : 'its payout is not here'
  const detail = `a send journal holds it (step ${entry.step}); ${what}`
  await options.store.recordPhantom({ merchantId, number, attemptNo, providerAccountId, reference, detail })
}
