import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failed, Waiting } from './notes.tsx'

/** What a question brought: its shape while it is under way, the problem, or the answer. An old answer stays, beside the problem. */
export function Loaded<Answer>({
  query,
  children,
  lines,
}: {
  query: Pick<UseQueryResult<Answer>, 'data' | 'error' | 'refetch' | 'isPending'>
  children: (answer: Answer) => ReactNode
  lines?: number
}) {
  const { data, error, refetch } = query
  const again = () => void refetch()
  if (data === undefined)
    return error === null ? <Waiting {...(lines === undefined ? {} : { lines })} /> : <Failed error={error} again={again} />
  return (
    <>
      {error === null ? null : <Failed error={error} again={again} />}
      {children(data)}
    </>
  )
}
