import type { Overview } from '../../api/types.gen.ts'
import { Amount } from '../../components/amount.tsx'
import { Empty } from '../../components/notes.tsx'
import { heightsOf } from './heights.ts'
import classes from './overview.module.css'

const HEIGHT_PX = 56

/** Money paid by hour or by day, a row for each currency: what is in two of them is never drawn against one scale. */
export function MoneyOverTime({ series }: { series: Overview['series'] }) {
  const currencies = [
    ...new Set(series.flatMap(({ paid_amounts }) => paid_amounts.map(one => one.currency))),
  ].sort()
  if (currencies.length === 0) return <Empty title="No money was paid in this time." />
  return (
    <ul className={classes.money}>
      {currencies.map(currency => (
        <li key={currency}>
          <Row currency={currency} series={series} />
        </li>
      ))}
    </ul>
  )
}

function Row({ currency, series }: { currency: string; series: Overview['series'] }) {
  const paid = series.map(({ at, paid_amounts }) => ({
    at,
    amount: paid_amounts.find(one => one.currency === currency)?.amount ?? '0',
  }))
  const { heights, largest } = heightsOf(paid.map(({ amount }) => amount))
  return (
    <div className={classes.moneyRow}>
      <p className={classes.moneyName}>
        {currency}
        <span className="dimmed">
          at most <Amount value={largest} currency={currency} />
        </span>
      </p>
      <svg
        className={classes.moneyBars}
        viewBox={`0 0 ${paid.length} ${HEIGHT_PX}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${currency} paid over time, at most ${largest}`}
      >
        {paid.map(({ at, amount }, place) => {
          const height = ((heights[place] ?? 0) * HEIGHT_PX) / 1000
          return (
            <rect key={at} x={place + 0.15} width={0.7} y={HEIGHT_PX - height} height={height}>
              <title>
                {new Date(at).toLocaleString()}: {amount} {currency}
              </title>
            </rect>
          )
        })}
      </svg>
    </div>
  )
}
