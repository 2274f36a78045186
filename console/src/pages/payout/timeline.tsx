import { useQuery } from '@tanstack/react-query'
import { listAttempts, listEvents, type Named } from '../../api/payouts.ts'
import type { Attempt, Event } from '../../api/types.gen.ts'
import { LIVE_MS } from '../../app/queries.ts'
import { Loaded } from '../../components/loaded.tsx'
import { Section } from '../../components/page.tsx'
import { State } from '../../components/state.tsx'
import { When } from '../../components/when.tsx'
import { ExchangeStep } from './exchange-step.tsx'
import classes from './payout.module.css'

type Exchange = Attempt['exchanges'][number]
type Step =
  | { readonly kind: 'event'; readonly at: string; readonly event: Event }
  | { readonly kind: 'exchange'; readonly at: string; readonly exchange: Exchange; readonly attempt: Attempt }

/** What happened, in its order: each state that the payout came into, and each exchange with a provider. */
export function Timeline({ named }: { named: Named }) {
  const { merchant, id } = named
  const events = useQuery({
    ...{ queryKey: ['payout', merchant, id, 'events'], refetchInterval: LIVE_MS },
    queryFn: () => listEvents(named),
  })
  const attempts = useQuery({
    ...{ queryKey: ['payout', merchant, id, 'attempts'], refetchInterval: LIVE_MS },
    queryFn: () => listAttempts(named),
  })
  return (
    <Section title="What happened">
      <Loaded query={events}>
        {({ data }) => (
          <Loaded query={attempts}>
            {tried => (
              <>
                {tried.data.map(attempt => (
                  <AttemptLine key={attempt.number} attempt={attempt} />
                ))}
                <ol className={classes.events}>
                  {stepsOf(data, tried.data).map(step => (
                    <li key={keyOf(step)} className={classes.event} data-kind={step.kind}>
                      {step.kind === 'event' ? (
                        <EventStep event={step.event} />
                      ) : (
                        <ExchangeStep exchange={step.exchange} attempt={step.attempt} />
                      )}
                    </li>
                  ))}
                </ol>
              </>
            )}
          </Loaded>
        )}
      </Loaded>
    </Section>
  )
}

function EventStep({ event }: { event: Event }) {
  return (
    <>
      <div className={classes.eventHead}>
        <State state={event.state} reason={event.wait_reason} />
        <span className={classes.eventTime}>
          <When at={event.at} />
        </span>
      </div>
      {event.why === null ? null : <p className={classes.why}>{event.why}</p>}
    </>
  )
}

function AttemptLine({ attempt }: { attempt: Attempt }) {
  const ended = attempt.proof ?? attempt.doubt
  return (
    <p className={classes.attempt}>
      Attempt {attempt.number} through {attempt.provider_account}: {attempt.state.replaceAll('_', ' ')}
      {ended === null ? null : ` (${ended.replaceAll('_', ' ')})`}
      <span className={classes.small}>
        <br />
        our reference <span className="mono">{attempt.reference}</span>
        {attempt.their_id === null ? null : (
          <>
            , theirs <span className="mono">{attempt.their_id}</span>
          </>
        )}
        {attempt.inquiries === 0 ? null : `, asked about ${timesOf(attempt.inquiries)}`}
        {attempt.next_check_at === null ? null : (
          <>
            , next at <When at={attempt.next_check_at} only="time" />
          </>
        )}
      </span>
    </p>
  )
}

function timesOf(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

function stepsOf(events: readonly Event[], attempts: readonly Attempt[]): readonly Step[] {
  const steps: Step[] = [
    ...events.map(event => ({ kind: 'event', at: event.at, event }) as const),
    ...attempts.flatMap(attempt =>
      attempt.exchanges.map(
        exchange => ({ kind: 'exchange', at: exchange.started_at, exchange, attempt }) as const,
      ),
    ),
  ]
  return steps.toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
}

function keyOf(step: Step): string {
  return step.kind === 'event'
    ? `event ${step.event.sequence}`
    : `exchange ${step.attempt.number} ${step.exchange.number}`
}
