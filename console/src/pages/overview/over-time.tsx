import '@mantine/charts/styles.css'
import { BarChart } from '@mantine/charts'
import type { Overview } from '../../api/types.gen.ts'
import classes from './overview.module.css'

/** Payouts accepted, paid and failed, by hour or by day. */
export function OverTime({ series }: { series: Overview['series'] }) {
  const isDaily = spanOf(series) >= 24 * 3_600_000
  const format = new Intl.DateTimeFormat(
    undefined,
    isDaily ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' },
  )
  const rows = series.map(({ at, accepted, paid, failed }) => ({
    at: format.format(new Date(at)),
    accepted,
    paid,
    failed,
  }))
  return (
    <>
      <p className={classes.legend} aria-hidden="true">
        {SERIES.map(({ name, label }) => (
          <span key={name} className={classes.key}>
            <span className={classes.mark} data-of={name} />
            {label}
          </span>
        ))}
      </p>
      <div className={classes.chart} aria-hidden="true">
        <BarChart
          h="100%"
          data={rows}
          dataKey="at"
          series={[...SERIES]}
          withLegend={false}
          gridAxis="x"
          tickLine="none"
          yAxisProps={{ width: 36, allowDecimals: false }}
          xAxisProps={{ minTickGap: 24 }}
          barProps={{ isAnimationActive: false, maxBarSize: 22 }}
          barChartProps={{ accessibilityLayer: false }}
        />
      </div>
      <div className={classes.hidden}>
        <table>
          <caption>Payouts over time</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              {SERIES.map(({ name, label }) => (
                <th key={name} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {series.map(({ at, accepted, paid, failed }) => (
              <tr key={at}>
                <th scope="row">{at}</th>
                <td>{accepted}</td>
                <td>{paid}</td>
                <td>{failed}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

const SERIES = [
  { name: 'accepted', label: 'Accepted', color: 'var(--chart-accepted)' },
  { name: 'paid', label: 'Paid', color: 'var(--chart-paid)' },
  { name: 'failed', label: 'Failed', color: 'var(--chart-failed)' },
] as const

function spanOf([first, second]: Overview['series']): number {
  return first === undefined || second === undefined ? 0 : Date.parse(second.at) - Date.parse(first.at)
}
