import { Button, PasswordInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Link, useLocation } from 'react-router'
import { setPassword } from '../../api/session.ts'
import { CodeField } from '../../components/code-field.tsx'
import { Entrance } from '../../components/entrance.tsx'
import form from '../../components/form.module.css'
import { Failed, Notice } from '../../components/notes.tsx'

const PASSWORD_LENGTH_MIN = 12

/** The first password, or a new one, by a link that was made on the host. The secret is behind the #, which no browser sends. */
export function SetPassword() {
  const link = useLocation().hash.slice(1)
  const [password, setText] = useState('')
  const [again, setAgain] = useState('')
  const [code, setCode] = useState('')
  const setting = useMutation({ mutationFn: () => setPassword({ link, password, code }) })
  const differs = again !== '' && again !== password
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (!differs) setting.mutate()
  }
  if (link === '')
    return (
      <Entrance title="Set your password">
        <Notice tone="care">
          This page is opened by a link that is made on the host, with{' '}
          <code className="mono">quittance person link</code>.
        </Notice>
      </Entrance>
    )
  if (setting.isSuccess)
    return (
      <Entrance title="Your password is set">
        <p>Every session that you had has ended.</p>
        <Link to="/sign-in">Sign in</Link>
      </Entrance>
    )
  return (
    <Entrance title="Set your password">
      <form className={form.form} onSubmit={send}>
        <PasswordInput
          label="New password"
          description={`At least ${PASSWORD_LENGTH_MIN} characters of any kind.`}
          autoComplete="new-password"
          minLength={PASSWORD_LENGTH_MIN}
          required
          value={password}
          onChange={event => setText(event.currentTarget.value)}
        />
        <PasswordInput
          label="Once more"
          autoComplete="new-password"
          required
          error={differs ? 'It differs from the one above.' : null}
          value={again}
          onChange={event => setAgain(event.currentTarget.value)}
        />
        <CodeField code={code} setCode={setCode} />
        {setting.error === null ? null : <Failed error={setting.error} />}
        <Button type="submit" loading={setting.isPending} fullWidth>
          Set the password
        </Button>
      </form>
    </Entrance>
  )
}
