import type { ReactNode } from 'react'
import classes from './table.module.css'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** Numbers stand to the right. */
  readonly right?: boolean
  /** Left out where the window is a phone's. */
  readonly wide?: boolean
}

/** A table that fits its window: where it does not, it scrolls within itself and the page stays still. */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
}: {
  /** What it holds, for whoever cannot see it. */
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className={classes.scroll} aria-label={caption} tabIndex={0}>
      <table className={classes.table}>
        <caption className={classes.caption}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(column => (
              <th key={column.title} scope="col" className={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={rowKey(row)}>
              {columns.map(column => (
                <td key={column.title} className={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function classOf({ right, wide }: { right?: boolean; wide?: boolean }): string {
  return [right ? classes.right : '', wide ? classes.wide : ''].join(' ').trim()
}
