import { type Figure, median } from './figures.ts'

/** All figures, each with its median, its spread, its ratio to the reference of the same run, and what it costs. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(figure => row(figure, figures))
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...rows.map(cells => (cells[column] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  const notes = figures.flatMap(({ part, name, note }) =>
    note === undefined ? [] : [`${part}, ${name}: ${note}`],
  )
  return ['', line(HEAD), ...rows.map(line), '', ...notes].join('\n')
}

const HEAD = [
  'part',
  'what',
  'median',
  'spread',
  'ratio',
  'p50 ms',
  'p99 ms',
  'MiB',
  'µs switch',
  'µs pg',
  'goal',
]

function row(figure: Figure, all: readonly Figure[]): readonly string[] {
  const { part, name, unit, values, more = {}, cpuUs = {}, goal = '' } = figure
  const of = (key: string, digits: number) =>
    more[key] === undefined ? '' : median(more[key]).toFixed(digits)
  const us = (key: string) => (cpuUs[key] === undefined || cpuUs[key] === null ? '' : cpuUs[key].toFixed(0))
  return [
    part,
    name,
    `${short(median(values))} ${unit}`,
    values.length < 2 ? '' : `${short(Math.min(...values))}–${short(Math.max(...values))}`,
    ratio(figure, all),
    of('p50Ms', 1),
    of('p99Ms', 1),
    of('residentMiB', 0),
    us('switch'),
    us('postgres'),
    goal,
  ]
}

/** Run by run, because each ran beside its own reference; the median of the ratios. */
function ratio({ part, against, values }: Figure, all: readonly Figure[]): string {
  const reference = all.find(other => other.part === part && other.name === against)
  if (reference === undefined) return ''
  const ratios = values.map((value, run) => value / (reference.values[run] ?? median(reference.values)))
  return `${median(ratios).toFixed(2)}×`
}

function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2)
}
