import type { Payout } from '../../api/types.gen.ts'
import { Beneficiary } from '../../components/beneficiary.tsx'
import { Copied } from '../../components/copied.tsx'
import { Facts } from '../../components/facts.tsx'
import { Notice } from '../../components/notes.tsx'
import { Section } from '../../components/page.tsx'
import { wordOf } from '../../components/state.tsx'
import { When } from '../../components/when.tsx'
import classes from './payout.module.css'

export function Summary({ payout, merchant }: { payout: Payout; merchant: string }) {
  const { metadata } = payout
  const advice = adviceOf(payout)
  return (
    <Section title="What it is">
      <Facts
        facts={[
          ['Beneficiary', <Beneficiary key="beneficiary" of={payout.beneficiary} />],
          ['Money', wordOf(payout.money)],
          ['In this state since', <When key="since" at={payout.since} />],
          ['Created', <When key="created" at={payout.created_at} />],
          ['Paid', payout.paid_at === null ? null : <When key="paid" at={payout.paid_at} />],
          [
            'Asked again',
            payout.next_check_at === null ? null : <When key="next" at={payout.next_check_at} />,
          ],
          ['Merchant', merchant],
          ['Came in by', payout.door],
          ['Number', <Copied key="number" text={payout.number} name="the number" />],
          ['Description', payout.description],
          ...Object.entries(metadata ?? {}),
        ]}
      />
      {advice === null ? null : <div className={classes.safe}>{advice}</div>}
    </Section>
  )
}

/** Whether the same purpose may be paid by another payout: the question behind most looks at this page. */
function adviceOf({ state, safe_to_retry, why }: Payout) {
  const because = why === null ? null : <p className={classes.advice}>{why}</p>
  if (state === 'in_doubt')
    return (
      <Notice tone="care">
        {because}
        Do not pay this again: it may be paid already. It is being asked about, or waits for a decision.
      </Notice>
    )
  if (state === 'failed' || state === 'cancelled')
    return safe_to_retry ? (
      <Notice>
        {because}
        It was not paid and never will be: another payout for the same purpose cannot pay twice.
      </Notice>
    ) : (
      <Notice tone="bad">
        {because}
        It ended unpaid, and something says that it was paid all the same. Do not pay it again.
      </Notice>
    )
  if (state === 'returned')
    return <Notice tone="care">{why ?? 'It was paid, and the money came back.'}</Notice>
  return why === null ? null : <Notice>{why}</Notice>
}
