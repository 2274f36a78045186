import { IconHandStop } from '@tabler/icons-react'
import { stopSends } from '../../api/house.ts'
import type { StopGiven } from '../../api/types.gen.ts'
import { useMay } from '../../app/session.ts'
import { Act } from '../../components/act.tsx'

/** Trips a kill switch. What left already is not called back. */
export function StopButton({
  scope,
  id,
  label,
  what,
}: {
  scope: StopGiven['scope']
  id: string
  label: string
  /** Behind "nothing is sent …". */
  what: string
}) {
  return (
    <Act
      label={label}
      title={label}
      effect={`From now on nothing is sent ${what}: payouts wait in the queue, and what was sent already is asked about as before. Two people let it go on.`}
      doIt={label}
      asks={['because']}
      danger
      icon={<IconHandStop size={16} />}
      run={({ because }) => stopSends({ scope, id, because })}
      done="It is stopped."
    />
  )
}

export function StopEverything() {
  const mayStop = useMay()(['approver', 'operator', 'admin'], null)
  return mayStop ? <StopButton scope="global" id="" label="Stop all sends" what="anywhere" /> : null
}
