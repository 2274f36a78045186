import { Button, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconScale } from '@tabler/icons-react'
import type { Named } from '../../api/payouts.ts'
import type { Doubt, Payout } from '../../api/types.gen.ts'
import { Proposing } from './proposing.tsx'

/** What is decided about, as it was shown: a payout, or a line of the list of doubts, which also says what was seen of it. */
export type About = Pick<Payout, 'reference' | 'amount' | 'currency'> &
  Partial<Pick<Doubt, 'version' | 'attempt' | 'dead_may_be_decided' | 'dead_opens_at'>>

/** One person proposes how a doubt ends. Nothing moves before another one has confirmed it. */
export function Resolve({ named, about }: { named: Named; about: About }) {
  const [isOpen, { open, close }] = useDisclosure(false)
  return (
    <>
      <Button size="sm" leftSection={<IconScale size={16} />} onClick={open}>
        Resolve
      </Button>
      <Modal opened={isOpen} onClose={close} title={`Resolve ${about.reference}`} size="xl">
        <Proposing named={named} about={about} close={close} />
      </Modal>
    </>
  )
}
