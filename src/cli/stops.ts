// What is stopped, and what would go on, in lines for people.
import { HINDRANCE_WORDS } from '../desk/release.ts'
import { isoTime } from '../lib/clock.ts'
import { printDecimal } from '../money/decimal.ts'
import type { StoppedAccount, StoppedSwitch, Waiting } from '../store/people-store.ts'
import { spoken } from './switches.ts'

export function switchLines(stopped: StoppedSwitch): readonly string[] {
  return [
    `${spoken(stopped)}: stopped since ${isoTime(stopped.sinceMs)} by ${stopped.by}: ${stopped.why}`,
    `  waits:   ${waitingWords(stopped.waiting)} that would be sent, where nothing else stops them`,
  ]
}

export function accountLines(account: StoppedAccount): readonly string[] {
  const { asked, hindrance } = account
  return [
    `${account.providerAccountId}: in safe mode since ${isoTime(account.sinceMs)}, ${SIGN_WORDS[account.sign]}`,
    `  asked:   ${asked.found} references found, ${asked.notFound} not found twice, ` +
      `${asked.unaskable} that only a person can ask about, ${asked.open} to be asked (again)`,
    `  at risk: ${waitingWords(account.atRisk)} without an end`,
    `  waits:   ${waitingWords(account.waiting)} in the queue that could go through it`,
    `  unknown: ${account.phantoms} payments of which this database knows nothing, at whichever account`,
    `  release: ${hindrance === null ? 'two people may release it.' : HINDRANCE_WORDS[hindrance]}`,
  ]
}

const SIGN_WORDS: Readonly<Record<StoppedAccount['sign'], string>> = {
  system_identifier:
    'because the database is another cluster than it was (restored from a dump, or upgraded)',
  timeline: 'because the database took over from another one or was recovered to a point in time',
  position: 'because the log of the database is behind what was written down outside of it (an older copy)',
}

/** Such as `3 payouts (30.00 BDT)`. */
function waitingWords(waiting: readonly Waiting[]): string {
  const count = waiting.reduce((total, one) => total + one.count, 0)
  const money = waiting.map(({ amount }) => `${printDecimal(amount)} ${amount.currency}`).join(', ')
  return `${count} payouts${money === '' ? '' : ` (${money})`}`
}
