// Callbacks, notices and their results, searches for proof images and what they find.
import type { NewCallback, NoticeResult, ProofImage, ProofSearchResult } from '../../src/store/store.ts'
import type { Dossier } from '../simulation/model/rows.ts'
import type { Chance } from './chance.ts'
import { bytes, STRANGER } from './draw-world.ts'
import type { Call } from './script.ts'

export function drawCallbacks(chance: Chance, dossiers: readonly Dossier[]): Call {
  const batch: NewCallback[] = []
  for (let count = chance.pick([1, 1, 2]); count > 0; count -= 1) {
    const { payout } = chance.pick(dossiers)
    const content = chance.below(4)
    batch.push({
      merchantId: chance.sometimes(95) ? payout.merchantId : STRANGER,
      number: payout.number,
      attemptNo: chance.sometimes(85) ? Math.max(1, payout.attempts) : payout.attempts + 1,
      hash: bytes(chance.sometimes(98) ? 32 : 31, content),
      raw: `status=${content}`,
      verified: chance.sometimes(75),
      said: chance.pick(['paid', 'failed', 'unknown']),
    })
  }
  return { name: 'recordCallbacks', args: [batch] }
}

export function drawNoticeResults(chance: Chance, dossiers: readonly Dossier[]): Call | null {
  const told = dossiers.filter(({ notices }) => notices.length > 0)
  if (told.length === 0) return null
  const batch: NoticeResult[] = []
  for (let count = chance.pick([1, 1, 2]); count > 0; count -= 1) {
    const { payout, notices } = chance.pick(told)
    const due = notices.filter(({ state }) => state === 'due')
    const { sequence, target } = chance.pick(due.length > 0 && chance.sometimes(85) ? due : notices)
    const { merchantId, number } = payout
    const isSame = (other: NoticeResult) =>
      other.merchantId === merchantId &&
      other.number === number &&
      other.sequence === sequence &&
      other.target === target
    if (batch.some(isSame)) continue
    batch.push({
      ...{ merchantId, number, target, sequence: chance.sometimes(95) ? sequence : sequence + 1 },
      status: chance.pick([200, 500, null]),
      said: chance.pick(['SUCCESS', 'a time-out']),
      next: chance.pick<NoticeResult['next']>([
        { kind: 'acknowledged' },
        { kind: 'acknowledged' },
        { kind: 'again', dueInMs: chance.pick([0, 0.5, 5_000]) },
        { kind: 'parked' },
        { kind: 'later', dueInMs: chance.pick([0, 0.5, 5_000]) },
      ]),
    })
  }
  return { name: 'recordNotices', args: [batch] }
}

export function drawSearchResult(chance: Chance, dossiers: readonly Dossier[]): Call {
  const searched = dossiers.filter(({ searches }) => searches.length > 0)
  const { payout } = chance.pick(searched.length > 0 && chance.sometimes(80) ? searched : dossiers)
  const result: ProofSearchResult = {
    merchantId: payout.merchantId,
    number: chance.sometimes(95) ? payout.number : payout.number + 500_000n,
    attemptNo: chance.sometimes(95) ? Math.max(1, payout.attempts) : payout.attempts + 1,
    images: chance.pick([0, 1, 2]) === 0 ? [] : [drawImage(chance), drawImage(chance)],
    said: chance.pick(['found', 'not there yet']),
    nextInMs: chance.pick([null, 0, 3_000]),
    incident: chance.sometimes(15) ? { kind: 'proof_contradicts', detail: 'another amount' } : null,
  }
  return { name: 'recordProofSearch', args: [result] }
}

export function drawOwnImage(chance: Chance, dossiers: readonly Dossier[]): Call {
  const { merchantId, number, version } = chance.pick(dossiers).payout
  const of = chance.sometimes(75) ? version : version - 1
  return { name: 'keepOwnProofImage', args: [merchantId, number, of, drawImage(chance)] }
}

function drawImage(chance: Chance): ProofImage {
  return { mediaType: chance.pick(['image/png', 'image/jpeg'] as const), bytes: bytes(8, chance.below(3)) }
}
