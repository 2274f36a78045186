import type { Metrics } from '../lib/metrics.ts'
import type { SwitchesOptions } from './switches.ts'

/** `quittance_switch_tripped`: one series for each switch that this process has ever seen tripped. */
export function switchGauge(metrics: Metrics): NonNullable<SwitchesOptions['changed']> {
  const gauge = metrics.gauge('quittance_switch_tripped', '1 while a kill switch is tripped.', [
    'scope',
    'id',
  ])
  return ({ trips, releases }) => {
    for (const { scope, id } of trips) gauge.set({ scope, id }, 1)
    for (const { scope, id } of releases) gauge.set({ scope, id }, 0)
  }
}
