// Payouts to accept: new ones, repeats, conflicts, and what the schema refuses.
import type { NewPayout } from '../../src/store/store.ts'
import type { Dossier } from '../simulation/model/rows.ts'
import type { Chance } from './chance.ts'
import { BENEFICIARIES, bytes, CURRENCIES, MERCHANTS, STRANGER } from './draw-world.ts'
import type { Call } from './script.ts'

export interface Numbers {
  next(): bigint
}

export function drawAccept(
  chance: Chance,
  dossiers: readonly Dossier[],
  numbers: Numbers,
  nowMs: number,
): Call {
  const batch: NewPayout[] = []
  const count = chance.pick([1, 1, 2, 3])
  // No two of one batch share a reference, a key or a number: the port's own promise.
  for (let tries = 0; batch.length < count && tries < 20; tries += 1) {
    const payout = drawPayout(chance, dossiers, numbers, nowMs)
    if (!batch.some(other => isSharing(other, payout))) batch.push(payout)
  }
  return { name: 'acceptPayouts', args: [batch] }
}

function isSharing(one: NewPayout, other: NewPayout): boolean {
  if (one.merchantId !== other.merchantId) return false
  if (one.reference === other.reference || one.number === other.number) return true
  return one.idempotencyKey !== null && one.idempotencyKey === other.idempotencyKey
}

function drawPayout(
  chance: Chance,
  dossiers: readonly Dossier[],
  numbers: Numbers,
  nowMs: number,
): NewPayout {
  const fresh = freshPayout(chance, numbers.next(), nowMs)
  if (dossiers.length === 0) return fresh
  const known = chance.pick(dossiers)
  const kind = chance.weighted({
    ...{ fresh: 60, repeat: 12, repeatOfOther: 4, reference: 6, key: 6, keyAndReference: 3 },
    ...{ number: 2, refused: 6, illegal: 2 },
  })
  switch (kind) {
    case 'fresh':
      return fresh
    case 'repeat':
      return repeatOf(known, fresh)
    case 'repeatOfOther':
      return { ...repeatOf(known, fresh), merchantId: chance.pick([...MERCHANTS, STRANGER]) }
    case 'reference':
      return {
        ...fresh,
        merchantId: known.payout.merchantId,
        reference: known.payout.reference,
        fingerprint: chance.sometimes(50) ? fresh.fingerprint : fingerprintOf(known),
      }
    case 'key':
      return { ...fresh, merchantId: known.payout.merchantId, idempotencyKey: known.intake.idempotencyKey }
    case 'keyAndReference':
      return {
        ...fresh,
        merchantId: known.payout.merchantId,
        idempotencyKey: known.intake.idempotencyKey,
        reference: chance.pick(dossiers).payout.reference,
        fingerprint: fingerprintOf(known),
      }
    case 'number':
      return { ...fresh, merchantId: chance.pick(MERCHANTS), number: known.payout.number }
    case 'refused':
      return {
        ...(chance.sometimes(50) ? repeatOf(known, fresh) : fresh),
        refuse: 'the merchant is not active',
      }
    case 'illegal':
      return { ...fresh, ...drawIllegal(chance) }
  }
}

function freshPayout(chance: Chance, number: bigint, nowMs: number): NewPayout {
  const waits = chance.sometimes(15)
  return {
    merchantId: chance.sometimes(70) ? MERCHANTS[0] : chance.pick([...MERCHANTS, STRANGER]),
    number,
    tag: chance.below(1 << 29),
    // Few of them, so that calls side by side and later ones meet.
    reference: `r${chance.below(30)}`,
    idempotencyKey: chance.sometimes(50) ? `k${chance.below(30)}` : null,
    fingerprint: bytes(32, chance.below(4)),
    amount: {
      minor: BigInt(chance.pick([1, 100, 100, 400, 1_000, 5_000])),
      currency: chance.sometimes(85) ? chance.pick(CURRENCIES.slice(0, 1)) : chance.pick(CURRENCIES),
    },
    beneficiary: chance.pick(BENEFICIARIES),
    description: chance.sometimes(20) ? 'বেতন "May"' : null,
    metadata: chance.sometimes(20) ? { order: '7', a: 'b' } : null,
    door: chance.pick(['paypro', 'api']),
    doorCredentialId: '1000000001',
    requestId: chance.sometimes(30) ? `q${number}` : null,
    notifyUrl: chance.sometimes(60) ? 'http://127.0.0.1:1/notify' : null,
    createdAtMs: nowMs - chance.below(5),
    to: waits ? 'waiting' : 'queued',
    waitReason: waits ? chance.pick(['approval', 'confirmation', 'review'] as const) : null,
    firstAnswer: `first answer of ${number}`,
    refuse: null,
  }
}

function repeatOf({ payout, intake }: Dossier, fresh: NewPayout): NewPayout {
  return {
    ...fresh,
    merchantId: payout.merchantId,
    reference: payout.reference,
    idempotencyKey: intake.idempotencyKey,
    fingerprint: fingerprintOf({ intake }),
    amount: payout.amount,
  }
}

function fingerprintOf({ intake }: Pick<Dossier, 'intake'>): Uint8Array {
  return Uint8Array.from(Buffer.from(intake.fingerprint, 'hex'))
}

function drawIllegal(chance: Chance): Partial<NewPayout> {
  return chance.pick<Partial<NewPayout>>([
    { to: 'waiting', waitReason: null },
    { to: 'queued', waitReason: 'review' },
    { tag: -1 },
    { reference: '' },
    { reference: 'র'.repeat(129) },
    { idempotencyKey: '' },
    { fingerprint: bytes(31, 1) },
    { number: 0n },
    { amount: { minor: 0n, currency: CURRENCIES[0] as (typeof CURRENCIES)[number] } },
  ])
}
