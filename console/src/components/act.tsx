import { Button, Modal, Textarea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useSession } from '../app/session.ts'
import { CodeField } from './code-field.tsx'
import form from './form.module.css'
import { Failed } from './notes.tsx'
import { OwnCode } from './own-code.tsx'

export interface Given {
  readonly because: string
  readonly code: string
}

/** A button for something that changes the world. What it does is said first, and nothing happens before the second button. */
export function Act({
  label,
  title,
  effect,
  doIt,
  run,
  done,
  asks = [],
  danger = false,
  primary = false,
  small = false,
  icon,
}: {
  label: string
  title: string
  /** What follows, in words or as postings. */
  effect: ReactNode
  /** The word on the button that does it. */
  doIt: string
  run: (given: Given) => Promise<unknown>
  /** What is said when it is done. */
  done: string
  asks?: readonly ('because' | 'code')[]
  danger?: boolean
  primary?: boolean
  /** In a row of a table. */
  small?: boolean
  icon?: ReactNode
}) {
  const [isOpen, { open, close }] = useDisclosure(false)
  return (
    <>
      <Button
        size={small ? 'xs' : 'sm'}
        variant={primary ? 'filled' : 'default'}
        onClick={open}
        {...(icon === undefined ? {} : { leftSection: icon })}
      >
        {label}
      </Button>
      <Modal opened={isOpen} onClose={close} title={title} size="lg">
        <Asking effect={effect} doIt={doIt} run={run} done={done} asks={asks} danger={danger} close={close} />
      </Modal>
    </>
  )
}

/** A part of its own, so that a dialog that is opened again begins empty. */
function Asking({
  effect,
  doIt,
  run,
  done,
  asks,
  danger,
  close,
}: {
  effect: ReactNode
  doIt: string
  run: (given: Given) => Promise<unknown>
  done: string
  asks: readonly ('because' | 'code')[]
  danger: boolean
  close: () => void
}) {
  const { sandbox } = useSession()
  const [because, setBecause] = useState('')
  const [code, setCode] = useState('')
  const queries = useQueryClient()
  const acting = useMutation({
    mutationFn: () => run({ because: because.trim(), code }),
    onSuccess: () => {
      notifications.show({ message: done, color: 'green' })
      close()
      // Whatever is looked at may have changed by it.
      return queries.invalidateQueries()
    },
  })
  const act = (event: FormEvent) => {
    event.preventDefault()
    acting.mutate()
  }
  return (
    <form className={form.form} onSubmit={act}>
      <div>{effect}</div>
      {asks.includes('because') ? (
        <Textarea
          label="Because"
          description="It stands beside it for ever."
          required
          maxLength={2000}
          rows={2}
          data-autofocus
          value={because}
          onChange={event => setBecause(event.currentTarget.value)}
        />
      ) : null}
      {asks.includes('code') ? (
        <div className={form.form}>
          <CodeField code={code} setCode={setCode} />
          {sandbox ? <OwnCode take={setCode} /> : null}
        </div>
      ) : null}
      {acting.error === null ? null : <Failed error={acting.error} />}
      <div className={form.end}>
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
        <Button type="submit" loading={acting.isPending} {...(danger ? { color: 'red' } : {})}>
          {doIt}
        </Button>
      </div>
    </form>
  )
}
