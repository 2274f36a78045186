import type { Attempt } from '../../api/types.gen.ts'
import { CopiedBlock } from '../../components/copied.tsx'
import { When } from '../../components/when.tsx'
import classes from './payout.module.css'

const NAMES: Readonly<Record<Attempt['exchanges'][number]['kind'], string>> = {
  send: 'Sent to',
  inquiry: 'Asked',
  callback: 'Called by',
}

/** One exchange with a provider: what it concluded, and both texts without secrets. */
export function ExchangeStep({
  exchange,
  attempt,
}: {
  exchange: Attempt['exchanges'][number]
  attempt: Attempt
}) {
  const { kind, status, verdict, row, duration_ms, request, answer } = exchange
  return (
    <>
      <div className={classes.eventHead}>
        <span>
          {NAMES[kind]} {attempt.provider_account}: <strong>{verdict.replaceAll('_', ' ')}</strong>
        </span>
        <span className={classes.eventTime}>
          <When at={exchange.started_at} />
        </span>
      </div>
      <p className={classes.small}>
        row {row} of the certainty tables
        {kind === 'callback'
          ? null
          : `, ${status === null ? 'no whole answer' : `HTTP ${status}`}, ${Math.round(duration_ms)} ms`}
      </p>
      {request === null && answer === null ? null : (
        <details className={classes.exchange}>
          <summary>Request and answer</summary>
          <div className={classes.texts}>
            <Text name="Request" text={request} />
            <Text name="Answer" text={answer} />
          </div>
        </details>
      )}
    </>
  )
}

function Text({ name, text }: { name: string; text: string | null }) {
  return (
    <div>
      <p className={classes.label}>{name}</p>
      {text === null ? (
        <p className={classes.small}>None.</p>
      ) : (
        <CopiedBlock text={text} name={name.toLowerCase()} />
      )}
    </div>
  )
}
