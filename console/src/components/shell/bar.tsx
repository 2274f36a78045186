import {
  ActionIcon,
  NativeSelect,
  TextInput,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { IconMenu2, IconMoon, IconSearch, IconSun } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { useMerchant } from '../../app/merchant.ts'
import { useSession } from '../../app/session.ts'
import { useAddress } from '../link.tsx'
import classes from './bar.module.css'
import { PersonMenu } from './person-menu.tsx'

/** Above every page: find a payout, choose a merchant, light or dark, and who is signed in. */
export function Bar({ open }: { open: () => void }) {
  const { livemode, sandbox } = useSession()
  return (
    <header className={classes.bar}>
      <ActionIcon
        variant="subtle"
        color="gray"
        onClick={open}
        aria-label="Open the pages"
        className={classes.burger}
      >
        <IconMenu2 size={20} />
      </ActionIcon>
      <Find />
      <div className={classes.right}>
        {livemode ? null : <span className={classes.mode}>{sandbox ? 'Demo' : 'Test'}</span>}
        <MerchantPicker />
        <ColourScheme />
        <PersonMenu />
      </div>
    </header>
  )
}

function Find() {
  const [text, setText] = useState('')
  const navigate = useNavigate()
  const address = useAddress()
  const find = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() === '') return
    void navigate(address(`/payouts?q=${encodeURIComponent(text.trim())}`))
    setText('')
  }
  return (
    <search className={classes.find}>
      <form onSubmit={find}>
        <TextInput
          size="sm"
          value={text}
          onChange={event => setText(event.currentTarget.value)}
          leftSection={<IconSearch size={16} aria-hidden="true" />}
          placeholder="Find a payout"
          aria-label="Find a payout by any id, reference, wallet or account"
        />
      </form>
    </search>
  )
}

function MerchantPicker() {
  const { merchant, all } = useMerchant()
  const [, setParameters] = useSearchParams()
  if (all.length < 2) return null
  const choose = (id: string) =>
    setParameters(before => {
      const after = new URLSearchParams(before)
      if (id === '') after.delete('merchant')
      else after.set('merchant', id)
      return after
    })
  return (
    <NativeSelect
      size="sm"
      className={classes.merchant ?? ''}
      aria-label="Merchant"
      value={merchant ?? ''}
      onChange={event => choose(event.currentTarget.value)}
      data={[
        { value: '', label: 'All merchants' },
        ...all.map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  )
}

function ColourScheme() {
  // Without it Mantine adds a style element for a moment, which the server's policy refuses.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const isDark = useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark'
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
      aria-label={isDark ? 'Light colours' : 'Dark colours'}
      className={classes.icon}
    >
      {isDark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  )
}
