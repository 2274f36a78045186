import { Button, NativeSelect, Textarea } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { explainRequest } from '../../api/sandbox.ts'
import type { Explanation } from '../../api/types.gen.ts'
import form from '../../components/form.module.css'
import { Failed, Notice } from '../../components/notes.tsx'
import { PROTOCOLS, type ProtocolName } from './calls.ts'
import classes from './requests.module.css'

/** The checks of a door in their order, up to the first that fails, with what is usually the cause. */
export function Explain({ merchant }: { merchant: string }) {
  const [protocol, setProtocol] = useState<ProtocolName>('paypro')
  const [text, setText] = useState('')
  const explaining = useMutation({ mutationFn: () => explainRequest(protocol, { text }, merchant) })
  const explain = (event: FormEvent) => {
    event.preventDefault()
    explaining.mutate()
  }
  return (
    <div className={classes.two}>
      <form className={form.form} onSubmit={explain}>
        <NativeSelect
          label="Protocol"
          value={protocol}
          onChange={event => setProtocol(event.currentTarget.value as ProtocolName)}
          data={[...PROTOCOLS]}
        />
        <Textarea
          label="The request that is refused"
          description="The curl command that sends it, or its text as it goes over the line. Nothing of it is recorded, and nothing is sent."
          classNames={{ input: 'mono' }}
          required
          rows={12}
          value={text}
          onChange={event => setText(event.currentTarget.value)}
        />
        <div className={form.row}>
          <Button type="submit" loading={explaining.isPending}>
            Explain it
          </Button>
        </div>
      </form>
      <div>
        {explaining.error === null ? null : <Failed error={explaining.error} />}
        {explaining.data === undefined ? (
          <p className="dimmed">
            The checks of the door stand here once a request is explained. No secret is ever shown.
          </p>
        ) : (
          <Checks explanation={explaining.data} />
        )}
      </div>
    </div>
  )
}

function Checks({ explanation: { checks, taken } }: { explanation: Explanation }) {
  return (
    <div className={classes.answer}>
      <Notice tone={taken ? 'good' : 'bad'}>
        {taken ? 'The door takes this request.' : 'The door refuses this request.'}
      </Notice>
      <ul className={classes.checks}>
        {checks.map(({ says, ok, why }) => (
          <li key={says} className={classes.check}>
            {ok ? (
              <IconCheck size={16} className={classes.good} role="img" aria-label="holds" />
            ) : (
              <IconX size={16} className={classes.bad} role="img" aria-label="fails" />
            )}
            <div>
              {says}
              {why === null ? null : <div className={classes.why}>{why}</div>}
            </div>
          </li>
        ))}
      </ul>
    </div>
  )
}
