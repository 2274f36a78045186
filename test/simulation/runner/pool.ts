// Worker processes that share the work: each plays one range after the other until the last one is done.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Task, TaskResult } from './task.ts'

export interface PoolOptions {
  readonly jobs: number
  /** The number of the bug that every worker has; null: none. */
  readonly planted: string | null
  /** The next range; null: there is none. */
  next(): Task | null
  done(result: TaskResult): void
}

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))

/** Resolves when every range is done. @throws where a worker ends before its range */
export async function runPool(options: PoolOptions): Promise<void> {
  await Promise.all(Array.from({ length: options.jobs }, () => runWorker(options)))
}

function runWorker({ planted, next, done }: PoolOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child: ChildProcess = fork(WORKER, planted === null ? [] : [planted], {
    execArgv: ['--no-warnings'],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let ended = false
  child.on('message', (message: TaskResult | { readonly kind: 'ready' }) => {
    if (message.kind === 'result') done(message)
    const task = next()
    if (task !== null) {
      child.send(task)
      return
    }
    ended = true
    child.disconnect()
  })
  child.on('error', reject)
  child.on('exit', code => {
    if (ended) resolve()
    else reject(new Error(`a worker ended with ${code} in the middle of its work`))
  })
  return promise
}
