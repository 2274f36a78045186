// Text in columns. Pure.

export interface Column<Row> {
  readonly title: string
  readonly right?: boolean
  readonly text: (row: Row) => string
  /** Applied after the widths are known, because colours have no width. */
  readonly paint?: (text: string, row: Row) => string
}

/** Lines of one table, the title line first. Without rows, the titles alone. */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] {
  const cells = rows.map(row => columns.map(column => column.text(row)))
  const widths = columns.map(({ title }, place) =>
    Math.max(title.length, ...cells.map(line => line[place]?.length ?? 0)),
  )
  const line = (texts: readonly string[], row: Row | null): string =>
    columns
      .map(({ right, paint }, place) => {
        const text = texts[place] ?? ''
        const width = widths[place] ?? 0
        const padded = right === true ? text.padStart(width) : text.padEnd(width)
        return row === null || paint === undefined ? padded : paint(padded, row)
      })
      .join('  ')
      .trimEnd()
  return [
    line(
      columns.map(({ title }) => title),
      null,
    ),
    line(
      widths.map(width => '─'.repeat(width)),
      null,
    ),
    ...cells.map((texts, place) => line(texts, rows[place] ?? null)),
  ]
}
