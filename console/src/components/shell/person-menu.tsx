import { ActionIcon, Menu } from '@mantine/core'
import { IconLogout, IconUserCircle } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { signOut } from '../../api/session.ts'
import { leave } from '../../app/queries.ts'
import { useSession } from '../../app/session.ts'
import classes from './person-menu.module.css'

/** Who is signed in, with which rights, and the way out. */
export function PersonMenu() {
  const { person } = useSession()
  const queries = useQueryClient()
  const signOutHere = async () => {
    await signOut().catch(() => {})
    leave(queries)
  }
  const roles = [...new Set(person.grants.map(({ role }) => role))].join(', ')
  return (
    <Menu position="bottom-end" width={250} withinPortal={false}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={`Signed in as ${person.name}`}
          className={classes.icon}
        >
          <IconUserCircle size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <p className={classes.name}>{person.name}</p>
          <p className={classes.more}>{person.email}</p>
          <p className={classes.more}>{roles}</p>
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOutHere()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
