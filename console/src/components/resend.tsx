import { type Named, resendNotice } from '../api/payouts.ts'
import { Act } from './act.tsx'

export function Resend({ named, sequence, url }: { named: Named; sequence: number; url: string }) {
  return (
    <Act
      label="Resend"
      small
      title="Tell it again"
      effect={
        <>
          The same notice is delivered to <span className="mono">{url}</span> once more, with the same id. A
          receiver that keeps ids takes it for what it is. No money moves by it.
        </>
      }
      doIt="Resend the notice"
      run={() => resendNotice(named, sequence)}
      done="The notice is due again."
    />
  )
}
