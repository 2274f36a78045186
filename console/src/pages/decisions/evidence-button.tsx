import { Button, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPaperclip } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { readEvidence } from '../../api/people.ts'
import type { EvidenceFile, Proposal } from '../../api/types.gen.ts'
import { CopiedBlock } from '../../components/copied.tsx'
import form from '../../components/form.module.css'
import { Loaded } from '../../components/loaded.tsx'
import { Notice } from '../../components/notes.tsx'
import classes from './decisions.module.css'

type File = Proposal['evidence'][number]

/** A file that a proposal rests on. It is read only when it is opened, because reading it is recorded. */
export function EvidenceButton({ proposalId, file }: { proposalId: string; file: File }) {
  const [isOpen, { open, close }] = useDisclosure(false)
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconPaperclip size={14} />} onClick={open}>
        {file.name} ({file.kind})
      </Button>
      <Modal opened={isOpen} onClose={close} title={file.name} size="xl">
        <Opened proposalId={proposalId} file={file} />
      </Modal>
    </>
  )
}

function Opened({ proposalId, file }: { proposalId: string; file: File }) {
  const evidence = useQuery({
    queryKey: ['evidence', proposalId, file.number],
    queryFn: () => readEvidence(proposalId, file.number),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <div className={form.form}>
      <Loaded query={evidence}>
        {found => (
          <>
            <Shown file={found} />
            {file.covers === null ? null : (
              <p className="dimmed">
                It is said to hold every day from {file.covers.from} through {file.covers.through}.
              </p>
            )}
            <div className={form.end}>
              <Button
                component="a"
                variant="default"
                size="sm"
                href={dataAddress(found)}
                download={found.name}
              >
                Save {found.name}
              </Button>
            </div>
          </>
        )}
      </Loaded>
      <Notice>That you read it is recorded.</Notice>
    </div>
  )
}

/** Somebody sent it: it is shown as a picture or as plain letters, and never run. */
function Shown({ file }: { file: EvidenceFile }) {
  if (file.media_type === 'image/png' || file.media_type === 'image/jpeg')
    return <img src={dataAddress(file)} alt={file.name} className={classes.shown} />
  if (file.media_type === 'text/plain') return <CopiedBlock text={textOf(file.data)} name="the text" />
  return <p>A PDF, {Math.ceil(file.size / 1024)} KiB. Save it and open it with a reader that you trust.</p>
}

function dataAddress({ media_type, data }: EvidenceFile): string {
  return `data:${media_type};base64,${data}`
}

function textOf(data: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(data), letter => letter.charCodeAt(0)))
}
