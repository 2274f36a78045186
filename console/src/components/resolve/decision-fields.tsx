import { Radio, Textarea } from '@mantine/core'
import form from '../form.module.css'
import { Notice } from '../notes.tsx'
import { When } from '../when.tsx'
import type { Draft } from './draft.ts'
import { EvidenceField } from './evidence-field.tsx'
import type { About } from './resolve.tsx'

/** What became of the payout, why somebody thinks so, and what it rests on. */
export function DecisionFields({
  draft: { verdict, after, because, files },
  change,
  about,
}: {
  draft: Draft
  change: (change: Partial<Draft>) => void
  about: About
}) {
  return (
    <>
      <Radio.Group
        label="What became of it"
        value={verdict}
        onChange={chosen => change({ verdict: chosen as Draft['verdict'] })}
      >
        <div className={form.choices}>
          {VERDICTS.map(one => (
            <Radio key={one.value} {...one} />
          ))}
        </div>
      </Radio.Group>
      {verdict === 'dead' ? (
        <>
          <TooEarly about={about} />
          <Radio.Group
            label="And then"
            value={after}
            onChange={chosen => change({ after: chosen as Draft['after'] })}
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
        rows={2}
        value={because}
        onChange={event => change({ because: event.currentTarget.value })}
      />
      {verdict === 'keep_waiting' ? null : (
        <EvidenceField files={files} setFiles={chosen => change({ files: chosen })} />
      )}
    </>
  )
}

const VERDICTS = [
  {
    value: 'paid',
    label: 'It was paid',
    description: 'The provider says in writing that the money went out.',
  },
  {
    value: 'dead',
    label: 'It was not paid and never will be',
    description:
      'The provider says so in writing, and it is late enough; or its closed statements do not hold it.',
  },
  {
    value: 'keep_waiting',
    label: 'Keep waiting',
    description: 'Nothing moves. That you looked is recorded.',
  },
] as const

function TooEarly({ about: { dead_may_be_decided, dead_opens_at } }: { about: About }) {
  if (dead_may_be_decided !== false) return null
  return (
    <Notice tone="care">
      {dead_opens_at == null ? (
        'Only closed statements can say this of it.'
      ) : (
        <>
          Until <When at={dead_opens_at} /> only closed statements can say this of it: before that a provider
          that keeps its contract may still pay.
        </>
      )}
    </Notice>
  )
}
