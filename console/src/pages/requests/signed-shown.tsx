import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { SignedRequest } from '../../api/types.gen.ts'
import { CopiedBlock } from '../../components/copied.tsx'
import { Failed, Notice } from '../../components/notes.tsx'
import classes from './requests.module.css'
import { isOurs, sendSigned } from './send.ts'

/** How the signature came about, and the request as it goes over the line. */
export function SignedShown({ signed }: { signed: SignedRequest }) {
  const { request, canonical, hashed, algorithm, hex, base64, curl, openssl } = signed
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`)
  const parts: readonly (readonly [name: string, text: string | null])[] = [
    ['Canonical string', canonical],
    [`What is signed (${algorithm})`, hashed],
    ['Signature, hex', hex],
    ['Signature, base64', base64],
    ['Request', [`${request.method} ${request.url}`, ...headers, '', request.body ?? ''].join('\n').trim()],
    ['As a command', curl],
    ['The signature without us', openssl],
  ]
  return (
    <>
      {parts.map(([name, text]) =>
        text === null ? null : (
          <div key={name} className={classes.part}>
            <p className={classes.label}>{name}</p>
            <CopiedBlock text={text} name={name.toLowerCase()} />
          </div>
        ),
      )}
      <Sending signed={signed} />
    </>
  )
}

function Sending({ signed }: { signed: SignedRequest }) {
  const sending = useMutation({ mutationFn: () => sendSigned(signed) })
  if (!isOurs(signed))
    return <p className="dimmed">It goes to another address: send it with the command above.</p>
  return (
    <div>
      <Button variant="default" loading={sending.isPending} onClick={() => sending.mutate()}>
        Send it
      </Button>
      {sending.error === null ? null : <Failed error={sending.error} />}
      {sending.data === undefined ? null : (
        <div className={classes.answer}>
          <Notice tone={sending.data.status < 400 ? 'good' : 'bad'}>
            HTTP {sending.data.status} after {sending.data.tookMs} ms
          </Notice>
          <CopiedBlock text={sending.data.text} name="the answer" />
        </div>
      )}
    </div>
  )
}
