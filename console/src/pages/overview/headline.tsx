import type { Overview } from '../../api/types.gen.ts'
import { Amount } from '../../components/amount.tsx'
import { type Figure, Figures } from '../../components/figures.tsx'
import { To } from '../../components/link.tsx'

/** The few numbers that say whether all is well. Money of several currencies is never added up. */
export function Headline({ shown }: { shown: Overview }) {
  const { totals, doubts } = shown
  const count = (states: readonly string[]): number =>
    totals.filter(({ state }) => states.includes(state)).reduce((sum, one) => sum + one.count, 0)
  const all = totals.reduce((sum, one) => sum + one.count, 0)
  const paid = count(['paid'])
  const ended = count(['paid', 'failed', 'returned'])
  const figures: readonly Figure[] = [
    { key: 'all', name: 'Payouts', value: all, more: `${count(UNDER_WAY)} under way` },
    {
      key: 'paid',
      name: 'Paid',
      value: paid,
      more: ended === 0 ? 'none has ended yet' : `${shareOf(paid, ended)} of what ended`,
    },
    {
      key: 'failed',
      name: 'Failed or returned',
      value: count(['failed', 'returned']),
      more: <To to="/payouts?state=failed">look at them</To>,
    },
    {
      key: 'doubts',
      name: 'In doubt, of all time',
      value: doubts.reduce((sum, one) => sum + one.count, 0),
      more:
        doubts.length === 0 ? (
          'nothing at risk'
        ) : (
          <To to="/doubts">
            {doubts.map(({ currency, amount }, place) => (
              <span key={currency}>
                {place === 0 ? '' : ', '}
                <Amount value={amount} currency={currency} />
              </span>
            ))}
          </To>
        ),
    },
  ]
  return <Figures figures={figures} />
}

const UNDER_WAY = ['waiting', 'queued', 'sending', 'pending', 'in_doubt']

/** Rounded down, so that one failure among many is never 100 %. */
export function shareOf(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.floor((part / whole) * 1000) / 10} %`
}
