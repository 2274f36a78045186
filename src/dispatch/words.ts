// Why a payout is where it is, in words fit for the merchant. Doubt is never an error and never "failed": each sentence
// says what is known and that somebody is asking.
import type { Death } from '../payout/death.ts'
import type { Doubt } from '../payout/outcome.ts'

const DOUBT_WORDS: Readonly<Record<Doubt, string>> = {
  lost: 'it was being sent when our process ended',
  reset: 'the connection ended before the provider answered',
  timeout: 'the provider did not answer in time',
  incomplete: 'the answer of the provider was cut',
  redirect: 'the provider answered with another address',
  status: 'the provider answered with an HTTP status that proves nothing',
  duplicate: 'the provider says that it knows this payout already',
  unreadable: 'the answer of the provider could not be read',
  mismatch: 'the provider did not answer about this payout',
  refused: 'the provider refused it, which is not confirmed yet',
  failing: 'the provider says that it failed, which is not final yet',
  no_response: 'the provider had no answer from the bank or operator behind it',
  unlisted: 'the provider gave a reason that its contract does not list',
  unknown: 'the provider cannot tell yet',
  unforeseen: 'the provider answered in a way that nobody foresaw',
  repeat: 'the answer of the provider may speak of a repetition',
  created_alone: 'the order that was created at the provider may still be paid',
  contradiction: 'the provider told two different ends',
}

const DEATH_WORDS: Readonly<Record<Death, string>> = {
  not_sent: 'nothing was sent',
  refused: 'the provider refused it',
  failed_final: 'the provider could not pay it',
  never_arrived: 'it never arrived at the provider',
  not_committed: 'it was never committed at the provider',
  cancelled: 'the provider cancelled it',
  by_statement: 'the statements of the provider do not hold it',
  by_people: 'two people decided on evidence that it was not paid',
}

/** The sentence of a payout in doubt. */
export function doubtWords(why: Doubt): string {
  const asking = why === 'contradiction' ? 'a person looks at it' : 'we are asking'
  return `It is not certain whether this payout was paid: ${DOUBT_WORDS[why]}; ${asking}.`
}

/** The sentence of a payout whose attempt is proven dead; `next` is what happens with it. */
export function deathWords(proof: Death, next: 'queued' | 'review' | 'failed', said: string | null): string {
  const because = said === null ? DEATH_WORDS[proof] : `${DEATH_WORDS[proof]} (${said})`
  switch (next) {
    case 'queued':
      return `It will be sent again: ${because}.`
    case 'review':
      return `A person looks at it first: ${because}.`
    case 'failed':
      return `It was not paid: ${because}.`
  }
}

/** The sentence of a payout that a lost part of the database may have paid under an attempt that is not known here. */
export const LOST_PAYMENT_WORDS =
  'A person looks at it first: it may have been sent before the database was restored, and is not sent again.'

/** The sentence of a payout whose provider cannot be reached. */
export function unreachableWords(providerAccountId: string, said: string, nextTryInMs: number): string {
  return `Provider account ${providerAccountId} cannot be reached (${said}); next try in ${inSeconds(nextTryInMs)}.`
}

/** The sentence of a payout that was not tried, because its provider account takes none at the moment. */
export function heldWords(
  providerAccountId: string,
  held: { readonly why: string; readonly inMs: number },
): string {
  return `It waits for provider account ${providerAccountId} (${held.why}); next look in ${inSeconds(held.inMs)}.`
}

/** The sentence of a payout that no provider account can take. */
export function noRouteWords(why: string): string {
  return `It waits for a way to be paid: ${why}.`
}

function inSeconds(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  return seconds === 1 ? '1 second' : `${seconds} seconds`
}
