// A process that plays histories for whoever started it. Each range of seeds that it is sent is answered with what was
// found. A bug is planted before anything else is loaded, so a worker has one bug for its whole life, or none.
import { plantedNumbered } from '../planted/list.ts'
import { plant } from '../planted/plant.ts'
import { forbidTheRealWorld } from './forbid.ts'
import type { Task, TaskResult } from './task.ts'

const [number = '', database = ''] = process.argv.slice(2)
const planted = number === '' ? null : await plantedNumbered(number)
if (number !== '' && planted === null) throw new Error(`there is no planted bug ${number}`)
plant(planted)
const { runTask } = await import('./run-task.ts')
const over = database === '' ? null : await overPostgres(database)
forbidTheRealWorld(over?.isInRealTime)
// Of the errors that product code makes on purpose nobody reads the stack here; a replay tells it.
Error.stackTraceLimit = 0

/** Made of the migrations as this process reads them: with the bug, where it is one of theirs. */
async function overPostgres(url: string) {
  const { openWorldDatabase } = await import('../postgres/database.ts')
  const { inRealTime, isInRealTime } = await import('../postgres/turn.ts')
  return { database: await inRealTime(() => openWorldDatabase(url)), isInRealTime }
}

process.on('message', (task: Task) => {
  void runTask(task, planted, over?.database).then(
    (result: TaskResult) => process.send?.(result),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.({ kind: 'ready' })
