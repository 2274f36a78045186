import '@mantine/charts/styles.css'
import { BarChart } from '@mantine/charts'
import type { Overview } from '../../api/types.gen.ts'
import { Empty } from '../../components/notes.tsx'
import { spanOf } from '../../components/when.tsx'
import classes from './overview.module.css'

/** How many were paid within how long, from creation. */
export function TimeToPaid({ bars }: { bars: Overview['time_to_paid'] }) {
  if (bars.every(({ count }) => count === 0)) return <Empty title="Nothing was paid in this time." />
  const rows = bars.map(({ up_to_ms, count }, place) => ({
    within: up_to_ms === null ? `over ${spanOf(bars[place - 1]?.up_to_ms ?? 0)}` : `≤ ${shortOf(up_to_ms)}`,
    payouts: count,
  }))
  return (
    <>
      <div className={classes.chart} aria-hidden="true">
        <BarChart
          h="100%"
          data={rows}
          dataKey="within"
          series={[{ name: 'payouts', label: 'Payouts', color: 'var(--chart-paid)' }]}
          gridAxis="x"
          tickLine="none"
          yAxisProps={{ width: 36, allowDecimals: false }}
          xAxisProps={{ minTickGap: 6 }}
          barProps={{ isAnimationActive: false, maxBarSize: 34 }}
          barChartProps={{ accessibilityLayer: false }}
        />
      </div>
      <div className={classes.hidden}>
        <table>
          <caption>Time from creation to paid</caption>
          <tbody>
            {rows.map(({ within, payouts }) => (
              <tr key={within}>
                <th scope="row">{within}</th>
                <td>{payouts}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function shortOf(ms: number): string {
  return ms < 1000 ? `${ms} ms` : spanOf(ms)
}
