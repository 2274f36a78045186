// A worker for the test of the pool: one seed ends it, one never comes to an end.
import type { Task, TaskResult } from './task.ts'

process.on('message', ({ from, count }: Task) => {
  const isIn = (seed: number): boolean => seed >= from && seed < from + count
  if (isIn(7)) process.exit(3)
  if (isIn(13)) return
  const result: TaskResult = {
    ...{ kind: 'result', from, count, played: count, found: [], events: 0, payouts: 0 },
    ...{ marks: [], faults: [], cpuMs: 0, rssMb: 0 },
  }
  process.send?.(result)
})
process.on('disconnect', () => process.exit(0))
process.send?.({ kind: 'ready' })
