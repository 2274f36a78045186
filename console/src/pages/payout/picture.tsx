import { Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { ReactNode } from 'react'
import classes from './payout.module.css'

/** A small picture that is shown whole when it is chosen. What a provider sent is only ever shown as a picture. */
export function Picture({ address, name, caption }: { address: string; name: string; caption: ReactNode }) {
  const [isOpen, { open, close }] = useDisclosure(false)
  return (
    <figure className={classes.figure}>
      <button type="button" className={classes.picture} onClick={open} aria-label={`Show whole: ${name}`}>
        <img src={address} alt={name} />
      </button>
      <figcaption className={classes.caption}>{caption}</figcaption>
      <Modal opened={isOpen} onClose={close} title={name} size="auto">
        <img src={address} alt={name} className={classes.whole} />
      </Modal>
    </figure>
  )
}
