import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Named } from '../../api/payouts.ts'
import { previewDecision, proposeDecision } from '../../api/people.ts'
import type { Preview } from '../../api/types.gen.ts'
import form from '../form.module.css'
import { Failed } from '../notes.tsx'
import { DecisionFields } from './decision-fields.tsx'
import { type Draft, decisionOf, EMPTY_DRAFT } from './draft.ts'
import { PreviewShown } from './preview-shown.tsx'
import type { About } from './resolve.tsx'

/** First what is to be decided and why, then what that would book, and only then the proposal. */
export function Proposing({ named, about, close }: { named: Named; about: About; close: () => void }) {
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT)
  const [shown, setShown] = useState<Preview | null>(null)
  const queries = useQueryClient()
  const previewing = useMutation({
    mutationFn: async () => previewDecision(named, await decisionOf(draft, about)),
    onSuccess: setShown,
    // Perhaps it moved on since it was shown: then the next try is about what is shown by then.
    onError: () => queries.invalidateQueries({ queryKey: ['doubts'] }),
  })
  const proposing = useMutation({
    mutationFn: async () => proposeDecision(named, await decisionOf(draft, about)),
    onSuccess: ({ id }) => {
      const message = `Proposed as ${id}. Another person confirms it within 24 hours.`
      notifications.show({ message, color: 'green' })
      close()
      return queries.invalidateQueries()
    },
  })
  const look = (event: FormEvent) => {
    event.preventDefault()
    previewing.mutate()
  }
  if (shown !== null)
    return (
      <div className={form.form}>
        <PreviewShown preview={shown} />
        {proposing.error === null ? null : <Failed error={proposing.error} />}
        <div className={form.end}>
          <Button variant="default" onClick={() => setShown(null)}>
            Back
          </Button>
          <Button loading={proposing.isPending} onClick={() => proposing.mutate()}>
            Propose it
          </Button>
        </div>
      </div>
    )
  return (
    <form className={form.form} onSubmit={look}>
      <DecisionFields draft={draft} change={change => setDraft({ ...draft, ...change })} about={about} />
      {previewing.error === null ? null : <Failed error={previewing.error} />}
      <div className={form.end}>
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
        <Button type="submit" loading={previewing.isPending}>
          Show what follows
        </Button>
      </div>
    </form>
  )
}
