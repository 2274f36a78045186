import type { Doubt } from '../../api/types.gen.ts'
import { useMay } from '../../app/session.ts'
import { Amount } from '../../components/amount.tsx'
import cards from '../../components/cards.module.css'
import { Facts } from '../../components/facts.tsx'
import { payoutAddress, To } from '../../components/link.tsx'
import { Resolve } from '../../components/resolve/resolve.tsx'
import { Tag, type Tone } from '../../components/tag.tsx'
import { Ago, spanOf, When } from '../../components/when.tsx'
import classes from './doubts.module.css'

/** One doubt: what is at risk, since when, what was learned, and what may be decided. */
export function DoubtCard({ doubt }: { doubt: Doubt }) {
  const { attempt, exchanges, observations, incidents, merchant, payout_id: id } = doubt
  const mayPropose = useMay()(['operator'], merchant)
  const [kind, tone] = KINDS[doubt.kind]
  return (
    <article className={cards.card} aria-label={`Doubt about ${doubt.reference}`}>
      <div className={cards.head}>
        <div className={classes.what}>
          <To to={payoutAddress(merchant, id)} className={classes.reference ?? ''}>
            {doubt.reference}
          </To>
          <Tag tone={tone}>{kind}</Tag>
          <span className={classes.amount}>
            <Amount value={doubt.amount} currency={doubt.currency} />
          </span>
        </div>
        {mayPropose && doubt.decidable ? <Resolve named={{ merchant, id }} about={doubt} /> : null}
      </div>
      {doubt.why === null ? null : <p className={classes.why}>{doubt.why}</p>}
      <Facts
        facts={[
          ['Age', spanOf(doubt.age_seconds * 1000)],
          [
            'Asked next',
            attempt?.next_check_at == null ? (
              'by nobody: a person has to'
            ) : (
              <Ago key="next" at={attempt.next_check_at} />
            ),
          ],
          ['Asked so far', attempt === null ? null : attempt.inquiries],
          ['Provider account', attempt?.provider_account],
          [
            'Our reference there',
            attempt === null ? null : (
              <span key="ours" className="mono">
                {attempt.reference}
              </span>
            ),
          ],
          [
            'Dead may be decided',
            doubt.dead_may_be_decided ? (
              'now'
            ) : doubt.dead_opens_at === null ? (
              'by closed statements'
            ) : (
              <>
                from <When at={doubt.dead_opens_at} />
              </>
            ),
          ],
        ]}
      />
      {doubt.open_proposals.length === 0 ? null : (
        <p className={classes.why}>
          <To to="/decisions">
            {doubt.open_proposals.length === 1
              ? 'One proposal is'
              : `${doubt.open_proposals.length} proposals are`}{' '}
            open
          </To>{' '}
          and wait for another person.
        </p>
      )}
      <details className={classes.more}>
        <summary>What was learned</summary>
        <ul className={classes.learned}>
          {exchanges.map(one => (
            <li key={`exchange ${one.number}`}>
              <When at={one.at} />: {one.kind},{' '}
              {one.status === null ? 'no whole answer' : `HTTP ${one.status}`}, judged{' '}
              {one.verdict.replaceAll('_', ' ')} by row {one.row}
            </li>
          ))}
          {observations.map(one => (
            <li key={`observation ${one.at} ${one.said}`}>
              <When at={one.at} />: an inquiry said {one.said}
            </li>
          ))}
          {incidents.map(one => (
            <li key={`incident ${one.at} ${one.kind}`}>
              <When at={one.at} />: incident {one.kind.replaceAll('_', ' ')}, {one.detail}
            </li>
          ))}
        </ul>
      </details>
    </article>
  )
}

const KINDS: Readonly<Record<Doubt['kind'], readonly [name: string, tone: Tone]>> = {
  in_doubt: ['in doubt', 'care'],
  overdue: ['overdue', 'care'],
  review: ['waits for a person', 'busy'],
  disputed: ['disputed', 'bad'],
}
