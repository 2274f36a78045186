import classes from './amount.module.css'

/** An amount as the API gives it, digit by digit: nothing is rounded, grouped or computed here. */
export function Amount({ value, currency }: { value: string; currency: string }) {
  return (
    <span className={classes.amount}>
      {value} <span className={classes.currency}>{currency}</span>
    </span>
  )
}
