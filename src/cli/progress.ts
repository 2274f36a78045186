// How far something is: a moving line for a person, a line now and then for everything else. It only writes: a display
// that listened to the keyboard would take Ctrl-C away from the clean stop.
import { isCI } from '@clack/prompts'
import type { Terminal } from './terminal.ts'

export interface Progress {
  /** `count` of all are done. */
  at(count: number): void
  done(): void
}

export function startProgress(terminal: Terminal, what: { title: string; all: number }): Progress {
  return terminal.isInteractive && !isCI() ? moving(terminal, what) : plain(terminal, what)
}

const BAR_WIDTH = 30

function moving(terminal: Terminal, { title, all }: { title: string; all: number }): Progress {
  const show = (count: number): void => {
    const full = Math.round((count * BAR_WIDTH) / Math.max(1, all))
    const bar =
      terminal.paint('green', '━'.repeat(full)) + terminal.paint('dim', '━'.repeat(BAR_WIDTH - full))
    terminal.status(`${title} ${bar} ${count} of ${all}`)
  }
  show(0)
  return { at: show, done: () => terminal.status('') }
}

/** A line at each quarter. */
function plain(terminal: Terminal, { title, all }: { title: string; all: number }): Progress {
  let quarter = 0
  return {
    at(count) {
      const reached = Math.floor((count * 4) / Math.max(1, all))
      if (reached <= quarter) return
      quarter = reached
      terminal.line(`${title}: ${count} of ${all}`)
    },
    done: () => {},
  }
}
