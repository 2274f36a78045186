import { Button, Radio, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Named } from '../../api/payouts.ts'
import { previewDecision, proposeDecision } from '../../api/people.ts'
import type { DecisionGiven, Preview } from '../../api/types.gen.ts'
import form from '../form.module.css'
import { Failed, Notice } from '../notes.tsx'
import { When } from '../when.tsx'
import { EvidenceField } from './evidence-field.tsx'
import { type ChosenFile, evidenceOf } from './evidence-file.ts'
import { PreviewShown } from './preview-shown.tsx'
import type { About } from './resolve.tsx'

type Verdict = DecisionGiven['verdict']

/** First what is to be decided and why, then what that would book, and only then the proposal. */
export function Proposing({ named, about, close }: { named: Named; about: About; close: () => void }) {
  const [verdict, setVerdict] = useState<Verdict>('paid')
  const [after, setAfter] = useState<'failed' | 'review'>('failed')
  const [because, setBecause] = useState('')
  const [files, setFiles] = useState<readonly ChosenFile[]>([])
  const [shown, setShown] = useState<Preview | null>(null)
  const queries = useQueryClient()
  const given = async (): Promise<DecisionGiven> => ({
    verdict,
    because: because.trim(),
    evidence: await Promise.all(files.map(evidenceOf)),
    ...(verdict === 'dead' ? { after } : {}),
    ...seenOf(about),
  })
  const previewing = useMutation({
    mutationFn: async () => previewDecision(named, await given()),
    onSuccess: setShown,
  })
  const proposing = useMutation({
    mutationFn: async () => proposeDecision(named, await given()),
    onSuccess: ({ id }) => {
      notifications.show({
        message: `Proposed as ${id}. Another person confirms it within 24 hours.`,
        color: 'green',
      })
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
      <Radio.Group
        label="What became of it"
        value={verdict}
        onChange={chosen => setVerdict(chosen as Verdict)}
      >
        <div className={form.choices}>
          <Radio
            value="paid"
            label="It was paid"
            description="The provider says in writing that the money went out."
          />
          <Radio
            value="dead"
            label="It was not paid and never will be"
            description="The provider says so in writing, and it is late enough; or its closed statements do not hold it."
          />
          <Radio
            value="keep_waiting"
            label="Keep waiting"
            description="Nothing moves. That you looked is recorded."
          />
        </div>
      </Radio.Group>
      {verdict === 'dead' ? (
        <>
          {about.dead_may_be_decided === false ? (
            <Notice tone="care">
              {about.dead_opens_at == null ? (
                'Only closed statements can say this of it.'
              ) : (
                <>
                  Until <When at={about.dead_opens_at} /> only closed statements can say this of it: before
                  that a provider that keeps its contract may still pay.
                </>
              )}
            </Notice>
          ) : null}
          <Radio.Group
            label="And then"
            value={after}
            onChange={chosen => setAfter(chosen as 'failed' | 'review')}
          >
            <div className={form.choices}>
              <Radio
                value="failed"
                label="It has failed: the money is available again, the merchant is told"
              />
              <Radio value="review" label="Hold the money until a person has looked again" />
            </div>
          </Radio.Group>
        </>
      ) : null}
      <Textarea
        label="Because"
        description="In the words that will stand beside it for ever."
        required
        maxLength={2000}
        minRows={2}
        value={because}
        onChange={event => setBecause(event.currentTarget.value)}
      />
      {verdict === 'keep_waiting' ? null : <EvidenceField files={files} setFiles={setFiles} />}
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

/** If something was learned since it was shown, nothing is proposed. */
function seenOf({ version, attempt }: About): Pick<DecisionGiven, 'seen'> {
  return version === undefined || attempt == null ? {} : { seen: { version, revision: attempt.revision } }
}
