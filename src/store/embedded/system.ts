import { execFile } from 'node:child_process'
import { lstat, rename, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { systemRandom } from '../../lib/random.ts'

/** Why the server cannot be had, as a sentence for a person. Caught by `startEmbedded` alone. */
export class Refusal extends Error {}

/** Another process owns the folder: nothing of it is touched. */
export class InUse extends Refusal {}

/** Nothing of our environment reaches the server: PGOPTIONS and its like would change what it does. */
export const CHILD = { env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' }, cwd: '/' }

export const COMMAND_MS_MAX = 30_000

const execute = promisify(execFile)

/** What a program printed. It runs in `/`, with no environment of ours, and not for longer than half a minute unless told. */
export async function run(
  file: string,
  args: readonly string[],
  options: {
    uid?: number
    gid?: number
    timeout?: number
    signal?: AbortSignal | undefined
  } = {},
): Promise<string> {
  const { stdout } = await execute(file, args, { ...CHILD, timeout: COMMAND_MS_MAX, ...options })
  return stdout
}

/** Asks the system itself, as that user: modes, groups, access lists and mounts all have a say. */
export async function canReach(user: { uid: number; gid: number }, path: string): Promise<boolean> {
  try {
    await run('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], user)
    return true
  } catch {
    return false
  }
}

/** Renames what is whole into place. If somebody was faster, theirs stays. */
export async function publish(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error
    await rm(from, { recursive: true, force: true })
  }
}

export function randomName(): string {
  return Buffer.from(systemRandom.bytes(6)).toString('hex')
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export const LAST_WORDS_LENGTH = 600
