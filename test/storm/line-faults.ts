// What the line to the database does to one exchange. A statement of the store is one whole transaction: its last message,
// Sync, is its COMMIT, and its answer is the answer to that.

export const LINE_FAULTS = {
  before: 'cut before its first byte',
  half: 'cut after half of its bytes',
  uncommitted: 'cut between the statement and its COMMIT',
  sent: 'cut behind the last byte of its COMMIT',
  answered: 'cut at the first byte of the answer to COMMIT',
  half_answer: 'cut after half of the answer',
  unready: 'cut before the last message of the answer',
  delayed: 'sent late',
  late_answer: 'answered late',
  dribbled: 'sent in two pieces with a rest between them',
  warned: 'committed, and answered with a warning',
  warned_lost: 'answered with a warning, and not committed',
  cancelled: 'its backend is told to cancel it',
  terminated: 'its backend is ended',
} as const

export type LineFault = keyof typeof LINE_FAULTS

export const LINE_FAULT_NAMES: readonly LineFault[] = Object.keys(LINE_FAULTS).filter(isLineFault)

function isLineFault(name: string): name is LineFault {
  return Object.hasOwn(LINE_FAULTS, name)
}

/** Statements that are struck by name; what only reads is struck rarely. */
export const WRITES: ReadonlySet<string> = new Set([
  'accept_payouts',
  'advance_payouts',
  'record_callbacks',
  'record_notices',
])
/** They come several times a second without any work, and would take every fault for themselves. */
export const CLAIMS: ReadonlySet<string> = new Set(['claim_due', 'claim_attempts', 'claim_notices'])
