import type { ReactNode } from 'react'
import { Failed, Waiting } from './notes.tsx'

/** The part of a query that counts here; a list read page by page is one as well. */
interface Asked<Answer> {
  readonly data: Answer | undefined
  readonly error: Error | null
  readonly refetch: () => unknown
}

/** What a question brought: its shape while it is under way, the problem, or the answer. An old answer stays, beside the problem. */
export function Loaded<Answer>({
  query,
  children,
  lines,
}: {
  query: Asked<Answer>
  children: (answer: Answer) => ReactNode
  lines?: number
}) {
  const { data, error, refetch } = query
  const again = () => {
    refetch()
  }
  if (data === undefined)
    return error === null ? (
      <Waiting {...(lines === undefined ? {} : { lines })} />
    ) : (
      <Failed error={error} again={again} />
    )
  return (
    <>
      {error === null ? null : <Failed error={error} again={again} />}
      {children(data)}
    </>
  )
}
