// The two who release safe mode. They wait a while for what can be asked, and look themselves at what could not be: where a
// provider shows a payment in its own books that stands nowhere here, they leave everything stopped.
import type { Random } from '../../../src/lib/random.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Releases } from '../model/releases.ts'
import type { Scheduler } from '../time/scheduler.ts'

export interface SafeModePeopleNeeds {
  readonly scheduler: Scheduler
  readonly store: Pick<Store & Releases, 'safeModes' | 'sweepCounts' | 'releaseSafeMode'>
  readonly random: Random
  /** Whether a payment that is not known here stands in the books of a provider. */
  readonly seesUnknown: () => boolean
  readonly sometimes: (mark: string) => void
}

export interface SafeModePeople {
  /** The database was restored: from now on they look. */
  begin(): void
  /** They leave it as it is. */
  keepsStopped(): boolean
}

const LOOK_MS = 30_000
const LOOKS_BEFORE = 4
/** Nobody stops sending for a day because a provider may need one to know what it took: they look themselves. */
const LOOKS_PATIENT = 40
/** A question that is still open then is one that nobody answers. */
const LOOKS_MAX = 2_000

export function createSafeModePeople(needs: SafeModePeopleNeeds): SafeModePeople {
  const { scheduler, store, random, sometimes } = needs
  let keeps = false

  async function look(nth: number): Promise<void> {
    const again = (): void =>
      void scheduler.after(nth < 60 ? LOOK_MS : 20 * LOOK_MS, () => void look(nth + 1))
    if (nth > LOOKS_MAX) {
      keeps = true
      return
    }
    try {
      const open = (await store.safeModes()).filter(({ releasedAtMs }) => releasedAtMs === null)
      const counts = await store.sweepCounts()
      const isAsked = counts.every(({ isOpen }) => !isOpen)
      if (nth < LOOKS_BEFORE || open.length === 0 || (!isAsked && nth < LOOKS_PATIENT)) {
        again()
        return
      }
      const isTold = isAsked && counts.every(({ said }) => said !== 'unaskable')
      if (!isTold && needs.seesUnknown()) {
        sometimes('safe mode stays: a provider shows what is not known here')
        keeps = true
        return
      }
      for (const { providerAccountId } of open) await release(providerAccountId)
      // It may be entered again.
      again()
    } catch {
      again()
    }
  }

  async function release(providerAccountId: string): Promise<void> {
    if (random.below(4) === 0) {
      const alone = await store.releaseSafeMode({ providerAccountId, proposedBy: 'ana', confirmedBy: ' Ana' })
      sometimes(`safe mode and one person: ${alone}`)
    }
    const by = { proposedBy: 'ana', confirmedBy: 'ben' }
    sometimes(`safe mode: ${await store.releaseSafeMode({ providerAccountId, ...by })}`)
  }

  return {
    begin: () => void scheduler.after(LOOK_MS, () => void look(0)),
    keepsStopped: () => keeps,
  }
}
