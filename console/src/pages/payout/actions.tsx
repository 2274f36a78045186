import { cancelPayout, inquireNow, type Named } from '../../api/payouts.ts'
import type { Payout } from '../../api/types.gen.ts'
import { useMay } from '../../app/session.ts'
import { Act } from '../../components/act.tsx'
import { Amount } from '../../components/amount.tsx'
import { Resolve } from '../../components/resolve/resolve.tsx'

/** Only what this person may do, and only what the payout's state allows. The server judges both again. */
export function Actions({ named, payout }: { named: Named; payout: Payout }) {
  const may = useMay()
  const { state, amount, currency } = payout
  const isAskable = state === 'sending' || state === 'pending' || state === 'in_doubt'
  const isUnsent = state === 'waiting' || state === 'queued'
  return (
    <>
      {isUnsent && may(['maker'], named.merchant) ? (
        <Act
          label="Cancel"
          title="Cancel this payout"
          effect={
            <>
              Nothing was sent yet. The payout ends as cancelled,{' '}
              <Amount value={amount} currency={currency} /> are available again, and the merchant is told. If
              it is being sent at this very moment, nothing is cancelled and you are told so.
            </>
          }
          doIt="Cancel the payout"
          danger
          run={() => cancelPayout(named)}
          done="The payout is cancelled."
        />
      ) : null}
      {isAskable && may(['operator'], named.merchant) ? (
        <Act
          label="Ask now"
          title="Ask the provider now"
          effect="What is next for this payout is done now instead of later: nearly always a question to the provider. Nothing is sent that would not be sent by itself, and there is no second payment."
          doIt="Ask now"
          run={() => inquireNow(named)}
          done="The provider is being asked."
        />
      ) : null}
      {isAskable && may(['operator'], named.merchant) ? <Resolve named={named} about={payout} /> : null}
    </>
  )
}
