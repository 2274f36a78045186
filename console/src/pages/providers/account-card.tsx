import type { ProviderAccount } from '../../api/types.gen.ts'
import { useMay } from '../../app/session.ts'
import { Amount } from '../../components/amount.tsx'
import cards from '../../components/cards.module.css'
import { Facts } from '../../components/facts.tsx'
import { To } from '../../components/link.tsx'
import { Tag } from '../../components/tag.tsx'
import { Ago } from '../../components/when.tsx'
import classes from './providers.module.css'
import { StopButton } from './stop.tsx'

export function AccountCard({ account }: { account: ProviderAccount }) {
  const mayStop = useMay()(['approver', 'operator', 'admin'], null)
  const { id, name, protocol, floats, stopped, last_exchange_at, last_failed_at } = account
  return (
    <article className={`${cards.card} ${classes.card}`} aria-label={name}>
      <div className={cards.head}>
        <div>
          <h2 className={classes.name}>{name}</h2>
          <span className={classes.id}>
            <span className="mono">{id}</span>, {protocol}
          </span>
        </div>
        <div className={classes.tags}>
          <Health account={account} />
        </div>
      </div>
      <Facts
        facts={[
          [
            'Float',
            floats.length === 0
              ? null
              : floats.map(({ amount, currency }) => (
                  <div key={currency}>
                    <Amount value={amount} currency={currency} />
                  </div>
                )),
          ],
          [
            'Under way',
            <To key="open" to={`/payouts?provider_account=${id}`}>
              {account.open_attempts}
            </To>,
          ],
          [
            'In doubt',
            account.in_doubt === 0 ? (
              0
            ) : (
              <To key="doubt" to={`/payouts?provider_account=${id}&state=in_doubt`}>
                {account.in_doubt}
              </To>
            ),
          ],
          ['Last exchange', last_exchange_at === null ? null : <Ago key="last" at={last_exchange_at} />],
          ['Last one in doubt', last_failed_at === null ? null : <Ago key="failed" at={last_failed_at} />],
        ]}
      />
      {mayStop && stopped === null ? (
        <div>
          <StopButton scope="provider_account" id={id} label="Stop sends" what={`through ${name}`} />
        </div>
      ) : null}
    </article>
  )
}

function Health({ account: { active, stopped, safe_mode, in_doubt } }: { account: ProviderAccount }) {
  return (
    <>
      {active ? null : <Tag tone="calm">switched off</Tag>}
      {stopped === null ? null : <Tag tone="bad">stopped</Tag>}
      {safe_mode === null ? null : <Tag tone="bad">safe mode</Tag>}
      {in_doubt === 0 ? null : <Tag tone="care">{in_doubt} in doubt</Tag>}
      {active && stopped === null && safe_mode === null ? <Tag tone="good">sends</Tag> : null}
    </>
  )
}
