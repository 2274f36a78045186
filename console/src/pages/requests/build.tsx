import { Button, NativeSelect, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { signRequest } from '../../api/sandbox.ts'
import form from '../../components/form.module.css'
import { Failed } from '../../components/notes.tsx'
import { CALLS, PROTOCOLS, type ProtocolName } from './calls.ts'
import { fieldsOf, readFields } from './fields.ts'
import classes from './requests.module.css'
import { SignedShown } from './signed-shown.tsx'

/** A request with the sandbox merchant's own credentials, step by step. */
export function Build({ merchant }: { merchant: string }) {
  const [protocol, setProtocol] = useState<ProtocolName>('paypro')
  const [call, setCall] = useState<string>(CALLS.paypro[0])
  const [fields, setFields] = useState('')
  const building = useMutation({
    mutationFn: () => {
      const given = readFields(fields)
      return signRequest(
        protocol,
        { call, ...(Object.keys(given).length === 0 ? {} : { fields: given }) },
        merchant,
      )
    },
  })
  const choose = (name: ProtocolName) => {
    setProtocol(name)
    setCall(CALLS[name][0])
    setFields('')
    building.reset()
  }
  const build = (event: FormEvent) => {
    event.preventDefault()
    building.mutate()
  }
  const signed = building.data
  return (
    <div className={classes.two}>
      <form className={form.form} onSubmit={build}>
        <NativeSelect
          label="Protocol"
          value={protocol}
          onChange={event => choose(event.currentTarget.value as ProtocolName)}
          data={[...PROTOCOLS]}
        />
        <NativeSelect
          label="Call"
          value={call}
          onChange={event => {
            setCall(event.currentTarget.value)
            setFields('')
            building.reset()
          }}
          data={[...CALLS[protocol]]}
        />
        <Textarea
          label="Fields"
          description="One to a line, as name=value. Left empty: a whole example. What is signed or dated is added by itself."
          classNames={{ input: 'mono' }}
          rows={9}
          value={fields}
          onChange={event => setFields(event.currentTarget.value)}
        />
        <div className={form.row}>
          <Button type="submit" loading={building.isPending}>
            Build and sign
          </Button>
          {signed === undefined ? null : (
            <Button variant="subtle" onClick={() => setFields(fieldsOf(signed))}>
              Take its fields
            </Button>
          )}
        </div>
      </form>
      <div>
        {building.error === null ? null : <Failed error={building.error} />}
        {signed === undefined ? (
          <p className="dimmed">What is signed, how, and the whole request stand here once it is built.</p>
        ) : (
          // A new one for each request, so that an old answer never stands beside it.
          <SignedShown key={signed.hex + signed.request.url} signed={signed} />
        )}
      </div>
    </div>
  )
}
