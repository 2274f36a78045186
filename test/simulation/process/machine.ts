// A machine on which processes run: their numbers, and the disk that they share. In some histories every host has one of its
// own, in others all of them are processes of one machine.
import type { Disk } from './disk.ts'
import type { Life } from './life.ts'

export interface Machine {
  readonly host: string
  readonly disk: Disk
  /** The number of a process that begins. */
  begin(life: Life): number
  isAlive(pid: number): boolean
}

/** `pids`: containers give every process the same number, machines count. */
export function createMachine(host: string, disk: Disk, pids: 'same' | 'counted'): Machine {
  const running = new Map<number, Life>()
  let last = 0
  return {
    host,
    disk,
    begin(life) {
      last = pids === 'same' ? 1 : last + 1
      running.set(last, life)
      return last
    },
    isAlive: pid => running.get(pid)?.isAlive() === true,
  }
}
