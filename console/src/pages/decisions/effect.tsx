import type { ReactNode } from 'react'
import type { Proposal } from '../../api/types.gen.ts'
import { Movements } from '../../components/movements.tsx'

/** What is proposed, in a few words. */
export function titleOf({ kind, content }: Proposal): string {
  if (kind === 'decision') return `Decide: ${VERDICTS[String(content.verdict)] ?? String(content.verdict)}`
  return TITLES[kind] ?? kind.replaceAll('_', ' ')
}

/** What the second person's word does. */
export function effectOf(proposal: Proposal): ReactNode {
  const { kind, content } = proposal
  if (kind === 'decision')
    return (
      <p>{EFFECTS[`${content.verdict} ${content.after ?? ''}`.trim()] ?? EFFECTS[String(content.verdict)]}</p>
    )
  if (kind === 'correction') return <Movements caption="What is booked" movements={correctionOf(content)} />
  return <p>{RELEASED[kind] ?? 'What was proposed is done at once.'}</p>
}

function correctionOf({ debit, credit, amount, currency }: Proposal['content']) {
  return [
    {
      ...{ debit: String(debit), credit: String(credit) },
      ...{ amount: String(amount), currency: String(currency) },
    },
  ]
}

const VERDICTS: Readonly<Record<string, string>> = {
  paid: 'it was paid',
  dead: 'it was not paid',
  keep_waiting: 'keep waiting',
}

const TITLES: Readonly<Record<string, string>> = {
  correction: 'Correct the books',
  person: 'Let a person in',
  release_switch: 'Release a kill switch',
  release_safe_mode: 'Release an account from safe mode',
}

const EFFECTS: Readonly<Record<string, string>> = {
  paid: 'The payout becomes paid: its money leaves from in flight to the float of the provider account, the merchant is told, and a receipt says that people decided it. If it was not paid, the beneficiary waits and nobody pays again.',
  dead: 'The payout fails: its money goes from in flight back to available, and the merchant is told. If it was paid after all and the merchant pays again, the money leaves twice.',
  'dead review':
    'The attempt is dead, and the money goes from in flight to held: the payout waits until a person has looked again.',
  keep_waiting: 'Nothing moves. That two people looked is recorded.',
}

const RELEASED: Readonly<Record<string, string>> = {
  person: 'The person may sign in and act from now on, with all the roles that were proposed.',
  release_switch: 'What was stopped is sent again from now on, beginning with what waited.',
  release_safe_mode: 'Payouts are sent through this provider account again, beginning with what waited.',
}
