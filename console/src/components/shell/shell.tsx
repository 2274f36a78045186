import { Drawer } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { Navigate, Outlet, useLocation } from 'react-router'
import { SessionProvider, useSessionQuery } from '../../app/session.ts'
import { Failed } from '../notes.tsx'
import { Bar } from './bar.tsx'
import { Navigation } from './navigation.tsx'
import classes from './shell.module.css'

/** Everything behind the sign-in: the way around on the left, the bar above, and the page. */
export function Shell() {
  const session = useSessionQuery()
  const { pathname, search } = useLocation()
  const [isOpen, setOpen] = useState(false)
  const page = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  // Whoever cannot see the page change is taken to where it did.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what it waits for
  useEffect(() => {
    setOpen(false)
    if (!isFirst.current) page.current?.focus({ preventScroll: true })
    if (!isFirst.current) window.scrollTo(0, 0)
    isFirst.current = false
  }, [pathname])

  if (session.data === null) return <Navigate to="/sign-in" state={{ back: pathname + search }} replace />
  if (session.data === undefined)
    return session.error === null ? null : (
      <div className={classes.alone}>
        <Failed error={session.error} again={() => void session.refetch()} />
      </div>
    )
  return (
    <SessionProvider value={session.data}>
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <div className={classes.shell}>
        <div className={classes.side}>
          <div className={classes.still}>
            <Navigation />
          </div>
        </div>
        <Bar open={() => setOpen(true)} />
        <main id="page" ref={page} tabIndex={-1} className={classes.main}>
          <Outlet />
        </main>
      </div>
      <Drawer opened={isOpen} onClose={() => setOpen(false)} size="16rem" title="Go to" padding="sm">
        <Navigation />
      </Drawer>
    </SessionProvider>
  )
}
