import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { readOwnCode } from '../api/session.ts'
import { Failed } from './notes.tsx'

/** The demo's stand-in for an authenticator: nobody who tries it has one at hand. */
export function OwnCode({ take }: { take: (code: string) => void }) {
  const reading = useMutation({ mutationFn: readOwnCode, onSuccess: ({ code }) => take(code) })
  return (
    <>
      <Button variant="subtle" size="compact-sm" loading={reading.isPending} onClick={() => reading.mutate()}>
        Fill in my code of this moment (demo only)
      </Button>
      {reading.error === null ? null : <Failed error={reading.error} />}
    </>
  )
}
