import { Button, FileButton, NativeSelect, TextInput } from '@mantine/core'
import { IconPaperclip } from '@tabler/icons-react'
import { useState } from 'react'
import { Notice } from '../notes.tsx'
import {
  type ChosenFile,
  EVIDENCE_ACCEPTED,
  EVIDENCE_FILES_MAX,
  type EvidenceKind,
  fileProblem,
} from './evidence-file.ts'
import classes from './resolve.module.css'

const KINDS: readonly { value: EvidenceKind; label: string }[] = [
  { value: 'answer', label: 'their written answer' },
  { value: 'statement', label: 'their closed statement' },
  { value: 'image', label: 'a picture of the payment' },
  { value: 'other', label: 'something else' },
]

/** The provider's word in writing. It is sealed, and that somebody reads it is recorded. */
export function EvidenceField({
  files,
  setFiles,
}: {
  files: readonly ChosenFile[]
  setFiles: (files: readonly ChosenFile[]) => void
}) {
  const [problem, setProblem] = useState<string | null>(null)
  const add = (chosen: readonly File[]) => {
    setProblem(chosen.map(fileProblem).find(why => why !== null) ?? null)
    const taken = chosen.filter(file => fileProblem(file) === null)
    const more = taken.map(file => ({ file, kind: 'answer', from: '', through: '' }) as const)
    setFiles([...files, ...more].slice(0, EVIDENCE_FILES_MAX))
  }
  const change = (place: number, change: Partial<ChosenFile>) =>
    setFiles(files.map((one, at) => (at === place ? { ...one, ...change } : one)))
  return (
    <fieldset className={classes.evidence}>
      <legend className={classes.legend}>Evidence</legend>
      <p className={classes.hint}>
        The provider’s word in writing, about this payout, by our reference: a letter, a mail, a line of a
        statement. Up to five files of at most 5 MiB.
      </p>
      {files.map((one, place) => (
        <div key={`${one.file.name} ${one.file.lastModified}`} className={classes.file}>
          <span className={classes.fileName}>{one.file.name}</span>
          <NativeSelect
            size="xs"
            aria-label={`What ${one.file.name} is`}
            data={[...KINDS]}
            value={one.kind}
            onChange={event => change(place, { kind: event.currentTarget.value as EvidenceKind })}
          />
          {one.kind === 'statement' ? (
            <>
              <TextInput
                size="xs"
                type="date"
                required
                aria-label="First whole day"
                value={one.from}
                onChange={event => change(place, { from: event.currentTarget.value })}
              />
              <TextInput
                size="xs"
                type="date"
                required
                aria-label="Last whole day"
                value={one.through}
                onChange={event => change(place, { through: event.currentTarget.value })}
              />
            </>
          ) : null}
          <Button size="xs" variant="subtle" onClick={() => setFiles(files.filter((_, at) => at !== place))}>
            Remove
          </Button>
        </div>
      ))}
      {problem === null ? null : <Notice tone="bad">{problem}</Notice>}
      <FileButton multiple accept={EVIDENCE_ACCEPTED} onChange={add}>
        {props => (
          <Button
            {...props}
            size="xs"
            variant="default"
            leftSection={<IconPaperclip size={14} />}
            disabled={files.length >= EVIDENCE_FILES_MAX}
          >
            Add files
          </Button>
        )}
      </FileButton>
    </fieldset>
  )
}
