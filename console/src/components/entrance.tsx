import { type ReactNode, useEffect } from 'react'
import classes from './entrance.module.css'

/** A page before the sign-in: a small card in the middle. */
export function Entrance({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Quittance`
  }, [title])
  return (
    <main className={classes.entrance}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <img src="/icon.svg" alt="" width={26} height={26} />
          Quittance
        </div>
        <h1 className={classes.title}>{title}</h1>
        {children}
      </div>
    </main>
  )
}
