// Worker processes that share the work: each plays one range after the other until the last one is done. A worker that ends
// or hangs in the middle of a range is a finding: its range is played again seed by seed, and the seed that does it again
// is named.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestDatabase } from '../../postgres.ts'
import type { Task, TaskResult } from './task.ts'

export interface PoolOptions {
  readonly jobs: number
  /** The number of the bug that every worker has; null: none. */
  readonly planted: string | null
  /** For histories over Postgres: an empty database for one worker. */
  readonly createDatabase?: (() => Promise<TestDatabase>) | undefined
  /** The next range; null: there is none. */
  next(): Task | null
  done(result: TaskResult): void
  /** What a worker runs; for tests of the pool. */
  readonly worker?: URL
  /** How long a range of so many seeds may take. */
  readonly taskMsMax?: (seeds: number) => number
}

const WORKER = new URL('worker.ts', import.meta.url)
/** A history takes milliseconds, the largest a few seconds; a machine may be slow and busy with other things. */
const taskMsMaxOf = (seeds: number): number => 180_000 + 20_000 * seeds
/** Where more workers are lost than this, the harness itself is broken. */
const LOST_MAX = 50
/**
 * Much code runs a few times in each of very many short histories: it is compiled plainly at once, and what a history
 * leaves behind is young.
 */
const FLAGS = ['--no-warnings', '--always-sparkplug', '--max-semi-space-size=32']

/** Resolves when every range is done. @throws where workers end before they begin, or too many end */
export async function runPool(options: PoolOptions): Promise<void> {
  /** Ranges of workers that were lost, seed by seed. */
  const again: Task[] = []
  let lost = 0

  function next(): Task | null {
    return again.shift() ?? options.next()
  }
  function lose(task: Task | null, why: string): void {
    lost += 1
    if (task === null || lost > LOST_MAX) throw new Error(`a worker ${why}; ${lost} were lost`)
    if (task.count > 1)
      for (let place = 0; place < task.count; place += 1)
        again.push({ ...task, from: task.from + place, count: 1 })
    else options.done(lostResult(task, `the worker that played it ${why}`))
  }
  async function keepWorking(): Promise<void> {
    for (;;) {
      const first = next()
      if (first === null) return
      const database = await options.createDatabase?.()
      const ended = await runWorker(options, database?.url ?? '', first, next)
      await database?.drop()
      if (ended === null) return
      lose(ended.task, ended.why)
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, keepWorking))
  // What was lost last may have been left by workers that had already gone home.
  await keepWorking()
}

/** Null where there was nothing more to do; else what it was at when it was lost. */
function runWorker(
  { planted, done, worker = WORKER, taskMsMax = taskMsMaxOf }: PoolOptions,
  databaseUrl: string,
  first: Task,
  next: () => Task | null,
): Promise<{ readonly task: Task | null; readonly why: string } | null> {
  const { promise, resolve } = Promise.withResolvers<{ task: Task | null; why: string } | null>()
  const child: ChildProcess = fork(fileURLToPath(worker), [planted ?? '', databaseUrl], {
    execArgv: FLAGS,
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let task: Task | null = null
  let watch: NodeJS.Timeout | undefined
  let why: string | null = null

  function give(one: Task): void {
    task = one
    watch = setTimeout(() => {
      why = `did not end within ${taskMsMax(one.count) / 1_000} s`
      child.kill('SIGKILL')
    }, taskMsMax(one.count))
    child.send(one)
  }
  child.on('message', (message: TaskResult | { readonly kind: 'ready' }) => {
    clearTimeout(watch)
    if (message.kind === 'result') done(message)
    task = null
    const one = message.kind === 'result' ? next() : first
    if (one !== null) give(one)
    else {
      resolve(null)
      child.disconnect()
    }
  })
  child.on('error', error => {
    why ??= String(error)
    child.kill('SIGKILL')
  })
  child.on('exit', (code, signal) => {
    clearTimeout(watch)
    resolve({ task, why: why ?? `ended with ${code ?? signal}` })
  })
  return promise
}

function lostResult({ from, count }: Task, said: string): TaskResult {
  return {
    ...{
      kind: 'result',
      from,
      count,
      played: 0,
      marks: [],
      faults: [],
      events: 0,
      payouts: 0,
      cpuMs: 0,
      rssMb: 0,
    },
    found: [{ seed: from, violations: [{ invariant: 'M', said, atMs: 0 }] }],
  }
}
