/** A time in the viewer's zone; the same in UTC when pointed at. */
export function When({ at, only }: { at: string; only?: 'day' | 'time' }) {
  return (
    <time dateTime={at} title={utcOf(at)} className="nowrap">
      {formatOf(at, only).format(new Date(at))}
    </time>
  )
}

/** How long ago, roughly, and the exact time when pointed at. */
export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={`${formatOf(at).format(new Date(at))}, ${utcOf(at)}`} className="nowrap">
      {agoOf(Date.now() - Date.parse(at))}
    </time>
  )
}

/** "3 min", "2 h 5 min", "4 days": the two largest units and no more. */
export function spanOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} days`
}

function agoOf(ms: number): string {
  return ms < 0 ? `in ${spanOf(-ms)}` : ms < 1000 ? 'now' : `${spanOf(ms)} ago`
}

function utcOf(at: string): string {
  return `${at.replace('T', ' ').replace('Z', '')} UTC`
}

/** The year only where it is another one than now. */
function formatOf(at: string, only?: 'day' | 'time'): Intl.DateTimeFormat {
  if (only === 'time') return TIME
  if (only === 'day') return DAY
  return new Date(at).getFullYear() === new Date().getFullYear() ? THIS_YEAR : BOTH
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const THIS_YEAR = new Intl.DateTimeFormat(undefined, {
  ...{ month: 'short', day: 'numeric' },
  ...{ hour: 'numeric', minute: '2-digit', second: '2-digit' },
})
const BOTH = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
