// Prints docs/lifecycle.md from the table in src/payout/lifecycle.ts:  node tools/lifecycle.ts > docs/lifecycle.md
import { PAYOUT_EVENT_KINDS, type PayoutEvent, transition } from '../src/payout/lifecycle.ts'
import { MONEY_PLACE, PAYOUT_STATES } from '../src/payout/payout.ts'

const STATE_WORDS: Record<(typeof PAYOUT_STATES)[number], string> = {
  accepted: 'being recorded; lasts only inside the transaction that records it',
  waiting: 'something has to happen before it may be sent; the reason says what',
  queued: 'ready to be sent; its turn comes',
  sending: 'the intent to send is committed; bytes may be on their way',
  pending: 'the provider has it and has not said how it ended',
  in_doubt: 'bytes may have arrived and nobody has said what became of them; we are asking',
  paid: 'the provider paid; only a return can follow',
  failed: 'it was not paid, and that is proven; the money is available again',
  cancelled: 'taken back before it was sent; the money is available again',
  returned: 'paid, and later given back by the rail; the money is available again',
}

const EVENTS: readonly (readonly [string, PayoutEvent])[] = PAYOUT_EVENT_KINDS.flatMap(
  (kind): (readonly [string, PayoutEvent])[] => {
    switch (kind) {
      case 'wait':
        return [['wait', { kind, reason: 'review' }]]
      case 'doubt':
        return [['doubt', { kind, why: 'lost' }]]
      case 'dead':
        return (['queued', 'review', 'failed'] as const).map(next => [
          `dead, then ${next}`,
          { kind, proof: 'refused', next },
        ])
      default:
        return [[kind, { kind }]]
    }
  },
)

function cell(state: (typeof PAYOUT_STATES)[number], event: PayoutEvent): string {
  const result = transition(state, event)
  if (!result.ok) return result.refusal
  const recipe = result.recipe === null ? '' : ` (${result.recipe})`
  return `**${result.to}**${recipe}`
}

const lines = [
  '# The life of a payout',
  '',
  'Every state against every event. Bold is a step to that state, with the ledger recipe it books; everything else is the name of the refusal. Made by',
  '`tools/lifecycle.ts` from `src/payout/lifecycle.ts`; the database holds the same pairs (`src/store/migrations/0002-books.sql`), and a test compares them.',
  '',
  '## States',
  '',
  '| state | meaning | money |',
  '|---|---|---|',
  ...PAYOUT_STATES.map(state => `| ${state} | ${STATE_WORDS[state]} | ${MONEY_PLACE[state]} |`),
  '',
  '## Steps',
  '',
  `| event | ${PAYOUT_STATES.join(' | ')} |`,
  `|---|${PAYOUT_STATES.map(() => '---|').join('')}`,
  ...EVENTS.map(
    ([name, event]) => `| ${name} | ${PAYOUT_STATES.map(state => cell(state, event)).join(' | ')} |`,
  ),
  '',
]
process.stdout.write(lines.join('\n'))
