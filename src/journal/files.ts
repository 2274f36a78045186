// The files of the send journal: one folder, one file for each incarnation, only ever appended to. A port, because what
// a disk may do to a journal (full, gone, sealed by somebody else between two lines of ours) is what its tests are about.
import { constants, type FileHandle, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { assert } from '../lib/assert.ts'

export interface JournalFiles {
  /** A new, empty file that is on the disk with its name. @throws where one of that name is there, or none can be made */
  create(name: string): Promise<JournalFile>
  /** Appends to a file that is there and syncs it; false where there is none. @throws where not all is on the disk */
  append(name: string, text: string): Promise<boolean>
  /** Null where there is none. */
  read(name: string): Promise<Uint8Array | null>
  list(): Promise<readonly { readonly name: string; readonly modifiedAtMs: number }[]>
  remove(name: string): Promise<void>
}

export interface JournalFile {
  /** Appends in one write and syncs. @throws where not all of it is on the disk */
  append(text: string): Promise<void>
  /** Bytes of the file as it is now, whoever wrote them. @throws where it has no name any more */
  size(): Promise<number>
  close(): Promise<void>
}

export function journalFolder(folder: string): JournalFiles {
  const pathOf = (name: string) => join(folder, name)
  return {
    async create(name) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const file = await open(pathOf(name), O_CREAT | O_EXCL | O_WRONLY | O_APPEND, 0o600)
      try {
        // Without this, a name that was just made may be gone after a power failure, and its file with it.
        await syncFolder(folder)
      } catch (error) {
        await file.close()
        throw error
      }
      return journalFile(file)
    },
    async append(name, text) {
      const file = await open(pathOf(name), O_WRONLY | O_APPEND).catch(absent)
      if (file === null) return false
      try {
        await appendWhole(file, text)
      } finally {
        await file.close()
      }
      return true
    },
    read: name => readFile(pathOf(name)).catch(absent),
    async list() {
      const names = (await readdir(folder).catch(absent)) ?? []
      const found = names.map(async name => {
        const { mtimeMs } = await stat(pathOf(name))
        return { name, modifiedAtMs: mtimeMs }
      })
      return Promise.all(found)
    },
    remove: name => rm(pathOf(name), { force: true }),
  }
}

const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = constants

function journalFile(file: FileHandle): JournalFile {
  return {
    append: text => appendWhole(file, text),
    async size() {
      const { size, nlink } = await file.stat()
      assert(nlink > 0, 'a journal that is written has its name in the folder')
      return size
    },
    close: () => file.close(),
  }
}

async function appendWhole(file: FileHandle, text: string): Promise<void> {
  const { bytesWritten } = await file.write(text)
  // A part that was written is a torn line, and what would follow it could not be told from it.
  if (bytesWritten !== Buffer.byteLength(text)) throw new Error('the disk took only a part of it')
  await file.datasync()
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function absent(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
