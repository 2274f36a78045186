import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { listAccounts } from '../../api/house.ts'
import type { Account } from '../../api/types.gen.ts'
import { useOneMerchant } from '../../app/merchant.ts'
import { LIVE_MS } from '../../app/queries.ts'
import { Amount } from '../../components/amount.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { AccountName } from '../../components/movements.tsx'
import { Empty } from '../../components/notes.tsx'
import { Page, Section } from '../../components/page.tsx'
import { Table } from '../../components/table.tsx'
import classes from './balances.module.css'
import { Statement } from './statement.tsx'

/** The ledger of one merchant: what stands on which account, and each line that led there. */
export function Balances() {
  const merchant = useOneMerchant()
  return (
    <Page
      title="Balances"
      {...(merchant === null
        ? {}
        : {
            about: `The ledger accounts of ${merchant}. Balances move by postings alone, and nothing recorded is edited.`,
          })}
    >
      {merchant === null ? null : <Accounts merchant={merchant} />}
    </Page>
  )
}

function Accounts({ merchant }: { merchant: string }) {
  const accounts = useQuery({
    ...{ queryKey: ['accounts', merchant], refetchInterval: LIVE_MS },
    queryFn: () => listAccounts(merchant),
  })
  const [parameters, setParameters] = useSearchParams()
  const show = ({ account, currency }: Account) =>
    setParameters(before => {
      const after = new URLSearchParams(before)
      after.set('account', account)
      after.set('currency', currency)
      return after
    })
  return (
    <Loaded query={accounts} lines={8}>
      {({ data }) => {
        const chosen =
          data.find(
            ({ account, currency }) =>
              account === parameters.get('account') && currency === parameters.get('currency'),
          ) ?? data[0]
        if (chosen === undefined) return <Empty title="This merchant has no money yet." />
        return (
          <div className={classes.two}>
            <Section title="Accounts" flush>
              <Table
                caption="Ledger accounts"
                rows={data}
                rowKey={one => `${one.account} ${one.currency}`}
                columns={[
                  {
                    title: 'Account',
                    cell: one => (
                      <button
                        type="button"
                        className={classes.choose}
                        aria-pressed={one === chosen}
                        onClick={() => show(one)}
                      >
                        <AccountName name={one.account} />
                      </button>
                    ),
                  },
                  {
                    title: 'Balance',
                    right: true,
                    cell: one => <Amount value={one.balance} currency={one.currency} />,
                  },
                ]}
              />
            </Section>
            <Statement merchant={merchant} account={chosen.account} currency={chosen.currency} />
          </div>
        )
      }}
    </Loaded>
  )
}
