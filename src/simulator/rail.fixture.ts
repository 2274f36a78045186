// A rail in a world where time stands still until it is told to pass, for the tests of the rail.
import { Unavailable } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { sha256 } from '../lib/digest.ts'
import { seededRandom } from '../lib/random.ts'
import { currencyOf } from '../money/currency.ts'
import { parseDecimal } from '../money/decimal.ts'
import type { Money } from '../money/money.ts'
import type { Beneficiary } from '../payout/beneficiary.ts'
import type { Payout } from '../payout/payout.ts'
import type { DoorCredential, Submission } from '../protocols/protocol.ts'
import { behaviourNamed } from './magic.ts'
import { createRail, type Rail } from './rail.ts'

export const CREDENTIAL: DoorCredential = {
  door: 'some',
  publicId: '42',
  merchantId: 'rail',
  secret: 'a secret',
  active: true,
  settings: {},
}

export function world(seed = 1) {
  const clock = virtualClock(Date.UTC(2026, 0))
  const told: { state: string; secret: string }[] = []
  const lines: string[] = []
  const drawn: string[] = []
  const rail = createRail({
    clock,
    random: seededRandom(seed),
    credentials: [CREDENTIAL],
    tell: (payout, credential) => told.push({ state: payout.state, secret: credential.secret }),
    drawBehaviour: () => drawn.shift() ?? null,
    meetLine: fault => lines.push(fault),
  })
  return { rail, told, lines, drawn, passed: clock.passed }
}

/** What an inquiry says of A1 for 10.00: its state, with a star where the amount is another. */
export async function askedState(rail: Rail): Promise<string> {
  try {
    const payout = await found(rail, 'A1')
    if (payout === null) return 'none'
    return payout.amount.minor === amountOf('10.00').minor ? payout.state : `${payout.state}*`
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    return 'silent'
  }
}

export function found(rail: Rail, reference: string): Promise<Payout | null> {
  return rail.desk.find('rail', { by: 'reference', reference })
}

export async function balance(
  rail: Rail,
  code = 'BDT',
): Promise<{ available: string; held: string; inFlight: string }> {
  const balances = await rail.desk.balances('rail')
  const of = balances.find(({ available }) => available.currency === code)
  return {
    available: String(of?.available.minor),
    held: String(of?.held.minor),
    inFlight: String(of?.inFlight.minor),
  }
}

export function wallet(name: string): string {
  return behaviourNamed(name)?.wallet ?? ''
}

export function amountOf(text: string, code = 'BDT'): Money {
  const currency = currencyOf(code)
  const read = currency === null ? null : parseDecimal(text, currency)
  if (!read?.ok) throw new Error(`no amount: ${text}`)
  return read.money
}

export interface Asked {
  readonly reference: string
  readonly amount?: string
  readonly currency?: string
  readonly wallet?: string
  readonly beneficiary?: Beneficiary
  readonly needsConfirmation?: boolean
}

export function submission(asked: Asked): Submission {
  const { reference, amount = '10.00', currency = 'BDT', wallet: number = '01811111111' } = asked
  return {
    merchantId: 'rail',
    door: 'some',
    doorCredentialId: '42',
    requestId: null,
    reference,
    idempotencyKey: null,
    fingerprint: sha256(JSON.stringify([amount, number])),
    amount: amountOf(amount, currency),
    beneficiary: asked.beneficiary ?? { kind: 'wallet', operator: 'bkash', number },
    description: null,
    metadata: null,
    notifyUrl: 'http://127.0.0.1:1/',
    needsConfirmation: asked.needsConfirmation ?? false,
    firstAnswer: ({ state }) => `first answer: ${state}`,
  }
}

function virtualClock(startMs: number): Clock & { passed(ms: number): Promise<void> } {
  let nowMs = startMs
  let planned: { atMs: number; run: () => void }[] = []
  const after = (ms: number, run: () => void) => {
    const plan = { atMs: nowMs + Math.max(0, ms), run }
    planned.push(plan)
    return {
      cancel: () => {
        planned = planned.filter(one => one !== plan)
      },
    }
  }
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    after,
    sleep: ms => new Promise(resolve => after(ms, resolve)),
    async passed(ms) {
      const endMs = nowMs + ms
      for (;;) {
        const next = planned.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
        if (next === undefined) break
        planned = planned.filter(one => one !== next)
        nowMs = next.atMs
        next.run()
        await Promise.resolve()
      }
      nowMs = endMs
    },
  }
}
