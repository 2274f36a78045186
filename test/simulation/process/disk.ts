// The disk of a machine, as a process reaches it through the files of its send journal. What was written is there for
// whoever reads; whether it is there after a crash is certain only once it was synced.
import type { JournalFile, JournalFiles } from '../../../src/journal/files.ts'
import type { Random } from '../../../src/lib/random.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { Life } from './life.ts'

/** What a disk says that fails. */
export class DiskFailed extends Error {
  override readonly name = 'DiskFailed'
}

export interface Disk {
  /** The folder as this process has it. */
  folderOf(life: Life): JournalFiles
  /** Whether a file holds this text, on the disk for good. */
  holds(text: string): boolean
}

export interface DiskNeeds {
  readonly scheduler: Scheduler
  readonly random: Random
  /** Whether this call of it fails; it may have written a part. */
  readonly fails: () => boolean
  readonly sometimes: (mark: string) => void
}

interface File {
  text: string
  /** Bytes that no crash takes away. */
  synced: number
  modifiedAtMs: number
}

/** What is not synced is lost from the end on, in any length: a crash in the middle of a line is a torn line. */
export function createDisk({ scheduler, random, fails, sometimes }: DiskNeeds): Disk {
  const files = new Map<string, File>()

  function call<Result>(life: Life, effect: () => Result): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    if (!life.isAlive()) return promise
    const failed = fails()
    const result = failed ? null : { of: effect() }
    scheduler.after(1 + random.below(3), () =>
      life.deliver(() =>
        result === null ? reject(new DiskFailed('the disk does not answer')) : resolve(result.of),
      ),
    )
    return promise
  }

  function append(life: Life, file: File, text: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (!life.isAlive()) return promise
    const failed = fails()
    const written = failed ? text.slice(0, random.below(text.length + 1)) : text
    file.text += written
    file.modifiedAtMs = scheduler.now()
    const endsAt = file.text.length
    let isOpen = true
    life.onEnd(() => {
      // Whoever wrote behind it has synced this with its own, or will.
      if (!isOpen || file.text.length !== endsAt || endsAt <= file.synced) return
      const from = Math.max(file.synced, endsAt - written.length)
      file.text = file.text.slice(0, from + random.below(endsAt - from + 1))
      if (file.text.length < endsAt) sometimes('a crash took what was not synced')
    })
    scheduler.after(1 + random.below(4), () => {
      if (!life.isAlive()) return
      isOpen = false
      if (!failed) file.synced = Math.max(file.synced, endsAt)
      life.deliver(() => (failed ? reject(new DiskFailed('no space is left on the disk')) : resolve()))
    })
    return promise
  }

  function fileOf(life: Life, file: File): JournalFile {
    return {
      append: text => append(life, file, text),
      size: () => call(life, () => file.text.length),
      close: () => Promise.resolve(),
    }
  }

  return {
    folderOf: life => ({
      create: name =>
        call(life, () => {
          if (files.has(name)) throw new DiskFailed('a file of this name is there')
          const file: File = { text: '', synced: 0, modifiedAtMs: scheduler.now() }
          files.set(name, file)
          return fileOf(life, file)
        }),
      async append(name, text) {
        const file = files.get(name)
        if (file === undefined) return call(life, () => false)
        await append(life, file, text)
        return true
      },
      read: name =>
        call(life, () => {
          const file = files.get(name)
          return file === undefined ? null : Buffer.from(file.text, 'latin1')
        }),
      list: () => call(life, () => [...files].map(([name, { modifiedAtMs }]) => ({ name, modifiedAtMs }))),
      remove: name => call(life, () => void files.delete(name)),
    }),
    holds: text =>
      [...files.values()].some(({ text: all, synced }) => {
        const at = all.lastIndexOf(text)
        return at >= 0 && at + text.length <= synced
      }),
  }
}
