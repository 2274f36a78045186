import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Navigate, useLocation } from 'react-router'
import { ApiProblem } from '../../api/problem.ts'
import { signIn } from '../../api/session.ts'
import { SESSION_KEY } from '../../app/queries.ts'
import { useSessionQuery } from '../../app/session.ts'
import { CodeField } from '../../components/code-field.tsx'
import { Entrance } from '../../components/entrance.tsx'
import form from '../../components/form.module.css'
import { Failed } from '../../components/notes.tsx'

/** Password first; the code of the authenticator only where the server asks for it. */
export function SignIn() {
  const session = useSessionQuery()
  const queries = useQueryClient()
  const location = useLocation()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const entering = useMutation({
    mutationFn: () => signIn({ email: email.trim(), password, ...(code === '' ? {} : { code }) }),
    onSuccess: given => queries.setQueryData(SESSION_KEY, given),
  })
  const needsCode = entering.error instanceof ApiProblem && entering.error.code === 'second_factor_required'
  const [asksCode, setAsksCode] = useState(false)
  if (needsCode && !asksCode) setAsksCode(true)

  if (session.data != null) return <Navigate to={backOf(location.state)} replace />
  const enter = (event: FormEvent) => {
    event.preventDefault()
    entering.mutate()
  }
  return (
    <Entrance title="Sign in">
      <form className={form.form} onSubmit={enter}>
        <TextInput
          label="E-mail address"
          type="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={event => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          value={password}
          onChange={event => setPassword(event.currentTarget.value)}
        />
        {asksCode ? <CodeField code={code} setCode={setCode} autoFocus /> : null}
        {entering.error === null || needsCode ? null : <Failed error={entering.error} />}
        <Button type="submit" loading={entering.isPending} fullWidth>
          Sign in
        </Button>
      </form>
    </Entrance>
  )
}

/** Where the person was going. Only within the console: a foreign address never comes into this state. */
function backOf(state: unknown): string {
  const back = typeof state === 'object' && state !== null && 'back' in state ? state.back : null
  return typeof back === 'string' && /^\/(?!\/)/.test(back) ? back : '/'
}
