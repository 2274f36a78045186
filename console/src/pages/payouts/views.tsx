import { Button, Menu, Modal, TextInput } from '@mantine/core'
import { IconBookmark, IconTrash } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import form from '../../components/form.module.css'
import { keepViews, readViews, VIEWS_MAX, type View } from './kept-views.ts'

/** Filters with a name, kept in this browser. */
export function Views() {
  const [views, setViews] = useState<readonly View[]>(readViews)
  const [isNaming, setNaming] = useState(false)
  const [name, setName] = useState('')
  const [parameters] = useSearchParams()
  const navigate = useNavigate()
  const keep = (next: readonly View[]) => {
    keepViews(next)
    setViews(next)
  }
  const save = (event: FormEvent) => {
    event.preventDefault()
    const others = views.filter(view => view.name !== name.trim())
    keep([...others, { name: name.trim(), search: parameters.toString() }].slice(-VIEWS_MAX))
    setNaming(false)
    setName('')
  }
  return (
    <>
      <Menu position="bottom-end" width={260} withinPortal={false}>
        <Menu.Target>
          <Button variant="default" size="sm" leftSection={<IconBookmark size={16} />}>
            Views
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {[...BUILT_IN, ...views].map(view => (
            <Menu.Item key={view.name} onClick={() => void navigate(`/payouts?${view.search}`)}>
              {view.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => setNaming(true)}>Keep these filters …</Menu.Item>
          {views.map(({ name: old }) => (
            <Menu.Item
              key={old}
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => keep(views.filter(view => view.name !== old))}
            >
              Forget “{old}”
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={isNaming} onClose={() => setNaming(false)} title="Keep these filters">
        <form className={form.form} onSubmit={save}>
          <TextInput
            label="Name of the view"
            required
            maxLength={40}
            data-autofocus
            value={name}
            onChange={event => setName(event.currentTarget.value)}
          />
          <div className={form.end}>
            <Button variant="default" onClick={() => setNaming(false)}>
              Cancel
            </Button>
            <Button type="submit">Keep</Button>
          </div>
        </form>
      </Modal>
    </>
  )
}

const BUILT_IN: readonly View[] = [
  { name: 'All payouts', search: '' },
  { name: 'In doubt', search: 'state=in_doubt' },
  { name: 'Failed', search: 'state=failed' },
  { name: 'Waiting', search: 'state=waiting' },
]
