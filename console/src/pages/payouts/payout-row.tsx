import type { FoundPayout } from '../../api/types.gen.ts'
import { Amount } from '../../components/amount.tsx'
import { Beneficiary } from '../../components/beneficiary.tsx'
import { payoutAddress, To } from '../../components/link.tsx'
import { State } from '../../components/state.tsx'
import { When } from '../../components/when.tsx'
import classes from './payout-list.module.css'

export function PayoutRow({ payout, place }: { payout: FoundPayout; place: number }) {
  return (
    <tr aria-rowindex={place + 2} className={classes.row}>
      <td>
        <div className="truncate">
          <To to={payoutAddress(payout.merchant, payout.id)} className={classes.reference ?? ''}>
            {payout.reference}
          </To>
        </div>
        <div className={classes.second}>{payout.id}</div>
      </td>
      <td className={classes.wide}>
        <Beneficiary of={payout.beneficiary} />
      </td>
      <td className={classes.state}>
        <State state={payout.state} reason={payout.wait_reason} />
        {payout.why === null ? null : (
          <div className={classes.second} title={payout.why}>
            {payout.why}
          </div>
        )}
      </td>
      <td className={classes.amount}>
        <Amount value={payout.amount} currency={payout.currency} />
      </td>
      <td className={classes.wide}>{payout.door}</td>
      <td className={classes.created}>
        <When at={payout.created_at} />
      </td>
    </tr>
  )
}
