// A folder of journals in memory, in which a test decides what becomes of each call, and a database that numbers
// incarnations. The files behave as those of a disk do that appends in order: what was written is there.
import type { StoredIncarnation } from '../store/store.ts'
import type { JournalFile, JournalFiles } from './files.ts'

export interface MemoryFolder extends JournalFiles {
  readonly texts: Map<string, string>
  /** Runs before each effect; a test may wait in it, or throw. `text` is what would be appended. */
  before: (
    what: 'create' | 'append' | 'seal' | 'read' | 'size',
    name: string,
    text?: string,
  ) => Promise<void> | void
}

export function memoryFolder(): MemoryFolder {
  const texts = new Map<string, string>()
  const folder: MemoryFolder = {
    texts,
    before: () => {},
    async create(name) {
      await folder.before('create', name)
      if (texts.has(name)) throw new Error('EEXIST')
      texts.set(name, '')
      return fileOf(name)
    },
    async append(name, text) {
      await folder.before('seal', name, text)
      const now = texts.get(name)
      if (now === undefined) return false
      texts.set(name, now + text)
      return true
    },
    async read(name) {
      await folder.before('read', name)
      const text = texts.get(name)
      return text === undefined ? null : Buffer.from(text, 'latin1')
    },
    list: async () => [...texts.keys()].map(name => ({ name, modifiedAtMs: 0 })),
    async remove(name) {
      texts.delete(name)
    },
  }
  function fileOf(name: string): JournalFile {
    return {
      async append(text) {
        await folder.before('append', name, text)
        texts.set(name, (texts.get(name) ?? '') + text)
      },
      async size() {
        await folder.before('size', name)
        return (texts.get(name) ?? '').length
      },
      close: async () => {},
    }
  }
  return folder
}

export interface MemoryRuns {
  readonly runs: Map<bigint, StoredIncarnation>
  begin(): Promise<StoredIncarnation>
  find(incarnation: bigint): Promise<StoredIncarnation | null>
}

export function memoryRuns(installation = 'an installation'): MemoryRuns {
  const runs = new Map<bigint, StoredIncarnation>()
  return {
    runs,
    async begin() {
      const incarnation = BigInt(runs.size + 1)
      const run = {
        ...{ incarnation, installation, host: 'here', pid: 1, startedAtMs: 0, hasEnded: false },
        ...{ journalId: `journal ${incarnation}`, journalBytes: 0 },
      }
      runs.set(incarnation, run)
      return run
    },
    find: async incarnation => runs.get(incarnation) ?? null,
  }
}
