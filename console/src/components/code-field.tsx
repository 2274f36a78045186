import { TextInput } from '@mantine/core'

/** The six digits that an authenticator shows now. Each works once. */
export function CodeField({
  code,
  setCode,
  autoFocus = false,
}: {
  code: string
  setCode: (code: string) => void
  autoFocus?: boolean
}) {
  return (
    <TextInput
      label="One-time code"
      description="What your authenticator shows now. Each code works once."
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="[0-9]{6}"
      maxLength={6}
      required
      data-autofocus={autoFocus || undefined}
      autoFocus={autoFocus}
      value={code}
      onChange={event => setCode(event.currentTarget.value.replace(/\D/g, ''))}
    />
  )
}
