import { Button, Skeleton } from '@mantine/core'
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { ApiProblem } from '../api/problem.ts'
import classes from './notes.module.css'

/** Nothing is there, and what that means. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <p className={classes.emptyTitle}>{title}</p>
      {children === undefined ? null : <div className={classes.emptyText}>{children}</div>}
    </div>
  )
}

/** Something went wrong, in the server's words, with what a person who asks for help should name. */
export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const problem = error instanceof ApiProblem ? error : null
  return (
    <div className={classes.note} data-tone="bad" role="alert">
      <IconAlertTriangle size={18} aria-hidden="true" className={classes.icon} />
      <div className={classes.text}>
        <p className={classes.line}>{problem?.message ?? 'Something in this page broke.'}</p>
        {problem?.fields.map(({ pointer, message }) => (
          <p key={pointer} className={classes.line}>
            <code className="mono">{pointer}</code> {message}
          </p>
        ))}
        {problem === null ? null : (
          <p className={classes.small}>
            {problem.code}
            {problem.requestId === null ? null : `, ${problem.requestId}`}
          </p>
        )}
      </div>
      {again === undefined ? null : (
        <Button size="xs" variant="default" onClick={again}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** Something to know before going on. */
export function Notice({
  tone = 'busy',
  children,
}: {
  tone?: 'busy' | 'care' | 'bad' | 'good'
  children: ReactNode
}) {
  return (
    <div className={classes.note} data-tone={tone}>
      <IconInfoCircle size={18} aria-hidden="true" className={classes.icon} />
      <div className={classes.text}>{children}</div>
    </div>
  )
}

/** The shape of what is coming. */
export function Waiting({ lines = 4 }: { lines?: number }) {
  return (
    <div className={classes.waiting} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={place} height={14} radius="sm" width={`${92 - ((place * 17) % 40)}%`} />
      ))}
    </div>
  )
}
