import type { ReactNode } from 'react'
import classes from './tag.module.css'

export type Tone = 'good' | 'bad' | 'care' | 'busy' | 'calm'

/** A word with a colour and a shape: never the colour alone. */
export function Tag({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={classes.tag} data-tone={tone}>
      <svg className={classes.shape} viewBox="0 0 8 8" aria-hidden="true">
        {SHAPES[tone]}
      </svg>
      {children}
    </span>
  )
}

const SHAPES: Readonly<Record<Tone, ReactNode>> = {
  good: <circle cx="4" cy="4" r="3.5" />,
  bad: <path d="M1 1l6 6M7 1L1 7" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  care: <path d="M4 0.5L8 7.5H0z" />,
  busy: <circle cx="4" cy="4" r="2.8" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  calm: <rect x="1" y="3.2" width="6" height="1.6" />,
}
