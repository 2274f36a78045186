// A planted bug that no history reaches: a test file has to find it, and passes where it is not planted.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface TestPlayed {
  readonly ran: number
  /** Titles. */
  readonly failed: readonly string[]
}

const CHILD = fileURLToPath(new URL('test-child.ts', import.meta.url))

/** @throws where the file cannot be run at all, which finds nothing */
export function playTest(file: string, planted: string | null): Promise<TestPlayed> {
  const { promise, resolve, reject } = Promise.withResolvers<TestPlayed>()
  const child = fork(CHILD, planted === null ? [file] : [file, planted], {
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  let played: TestPlayed | null = null
  child.on('message', (message: TestPlayed) => {
    played = message
  })
  child.on('error', reject)
  child.on('exit', code => {
    if (played !== null && played.ran > 0) resolve(played)
    else reject(new Error(`${file} ended with ${code} and ran no test`))
  })
  return promise
}
