// Sets the database back: to a moment a few seconds ago, as a standby that takes over without the last transactions, or to one
// of minutes ago, as a backup. The books of the auditor go back with it, and nothing else does.
import type { Random } from '../../../src/lib/random.ts'
import type { SafeModeSign } from '../../../src/store/store.ts'
import type { Auditor } from '../auditor/auditor.ts'
import type { WorldStore } from '../model/model-store.ts'
import type { Options } from '../options.ts'
import type { Host } from '../process/host.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { Trace } from '../trace.ts'

export interface RestoreNeeds {
  readonly options: Options
  readonly scheduler: Scheduler
  readonly trace: Trace
  readonly store: WorldStore
  readonly auditor: Auditor
  readonly hosts: readonly Host[]
  readonly random: Random
  readonly startMs: number
  readonly clientsAtMs: readonly number[]
  /** It happened. */
  readonly restored: () => void
  readonly sometimes: (mark: string) => void
}

/** Fewer commits than that are made up for before anybody has looked: then only the other two signs show. */
const COMMITS_TOLD = 200

export function planRestore(needs: RestoreNeeds): void {
  const { options, scheduler, random, startMs, clientsAtMs } = needs
  const isBackup = options.rates.restore > 0
  const client = clientsAtMs[random.below(clientsAtMs.length)] ?? startMs
  const atMs = client + 50 + random.below(random.below(2) === 0 ? 2_000 : options.breakMs / 2)
  const lostMs = isBackup ? 30_000 + random.below(options.breakMs) : random.below(5_001)
  const crashes = isBackup || random.below(2) === 0
  scheduler.at(Math.max(startMs + 1_000, atMs - lostMs), () => remember())

  function remember(): void {
    const { store, auditor } = needs
    const saved = { database: store.snapshot(), books: auditor.restores.save(), commits: store.commits() }
    scheduler.at(Math.max(atMs, scheduler.now()), () => {
      const lost = store.commits() - saved.commits
      const signs: readonly SafeModeSign[] = lost < COMMITS_TOLD ? [] : ['position']
      const drawn: readonly SafeModeSign[] = [
        'timeline',
        ...(isBackup ? (['system_identifier'] as const) : []),
        ...signs,
      ]
      const as = drawn[random.below(drawn.length)] ?? 'timeline'
      needs.trace.note('history', `the database is set back, as ${as}`, lost)
      needs.sometimes(`a restore: ${as}`)
      store.restore(saved.database, as)
      auditor.restores.restored(
        saved.books,
        options.accounts.map(({ id }) => id),
      )
      auditor.stops.restored(store.tables().switches.keys())
      needs.restored()
      if (crashes) for (const host of needs.hosts) host.life()?.crash()
    })
  }
}
