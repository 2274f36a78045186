import type { ReactNode } from 'react'
import classes from './figures.module.css'

export interface Figure {
  readonly key: string
  readonly name: string
  readonly value: ReactNode
  readonly more?: ReactNode
}

/** A row of figures to be taken in at once. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className={classes.figures}>
      {figures.map(({ key, name, value, more }) => (
        <div key={key} className={classes.figure}>
          <dt className={classes.name}>{name}</dt>
          <dd className={classes.value}>{value}</dd>
          {more === undefined ? null : <dd className={classes.more}>{more}</dd>}
        </div>
      ))}
    </dl>
  )
}
