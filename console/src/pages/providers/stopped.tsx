import type { Stops } from '../../api/house.ts'
import { proposeSafeModeRelease, proposeSwitchRelease } from '../../api/people.ts'
import type { StoppedAccount, StoppedSwitch } from '../../api/types.gen.ts'
import { useMay } from '../../app/session.ts'
import { Act } from '../../components/act.tsx'
import { Amount } from '../../components/amount.tsx'
import { When } from '../../components/when.tsx'
import classes from './providers.module.css'

/** What is stopped, why, what waits for it, and the first of two words to let it go on. */
export function Stopped({ stops: { switches, safe_mode } }: { stops: Stops }) {
  const mayPropose = useMay()(['operator', 'admin'], null)
  if (switches.length + safe_mode.length === 0) return null
  return (
    <ul className={classes.stops} aria-label="What is stopped">
      {switches.map(one => (
        <li key={`${one.scope} ${one.id}`} className={classes.stop}>
          <div>
            <p className={classes.stopTitle}>Stopped: {nameOf(one)}</p>
            <p>
              {one.why} (by {one.by}, since <When at={one.since} />)
            </p>
            <Waiting waiting={one.waiting} />
          </div>
          {mayPropose ? (
            <Act
              label="Propose to release"
              title={`Let it go on: ${nameOf(one)}`}
              effect="Nothing is sent before another person has confirmed this with a code. Then what waited is sent first."
              doIt="Propose it"
              asks={['because']}
              run={({ because }) => proposeSwitchRelease({ scope: one.scope, id: one.id, because })}
              done="It is proposed: another person confirms it."
            />
          ) : null}
        </li>
      ))}
      {safe_mode.map(one => (
        <li key={one.provider_account} className={classes.stop}>
          <div>
            <p className={classes.stopTitle}>Safe mode: {one.provider_account}</p>
            <p>
              The database is not the one that it was (since <When at={one.since} />
              ). {one.asked.open} references are still asked about.
            </p>
            <Waiting waiting={one.waiting} />
          </div>
          {mayPropose && one.hindrance === null ? (
            <Act
              label="Propose to release"
              title={`Let it go on: ${one.provider_account}`}
              effect="Nothing is sent before another person has confirmed this with a code. Then what waited is sent first."
              doIt="Propose it"
              asks={['because']}
              run={({ because }) => proposeSafeModeRelease(one.provider_account, because)}
              done="It is proposed: another person confirms it."
            />
          ) : null}
        </li>
      ))}
    </ul>
  )
}

function Waiting({ waiting }: Pick<StoppedAccount, 'waiting'>) {
  if (waiting.length === 0) return <p>Nothing waits for it.</p>
  return (
    <p>
      {waiting.map(({ count, amount, currency }, place) => (
        <span key={currency}>
          {place === 0 ? '' : ', '}
          {count} payouts wait, <Amount value={amount} currency={currency} />
        </span>
      ))}
    </p>
  )
}

function nameOf({ scope, id }: StoppedSwitch): string {
  return scope === 'global' ? 'all sends' : `${scope.replaceAll('_', ' ')} ${id}`
}
