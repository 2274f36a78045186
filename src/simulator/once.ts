// Requests that may be made once, as a provider's own desk remembers them: in memory, for as long as was asked, and no
// more of them than fit.
import { Unavailable } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Desk, OneTimeUse } from '../protocols/protocol.ts'

/** Beyond this many the next new one is refused, before memory grows. */
const USES_MAX = 100_000

interface Use {
  readonly fingerprint: Uint8Array
  readonly untilMs: number
  /** Already while its work runs, so that two at the same time are one. */
  readonly answer: Promise<string>
}

export function createOnce(clock: Pick<Clock, 'now'>, usesMax = USES_MAX): Desk['once'] {
  const uses = new Map<string, Use>()

  function known(key: string): Use | null {
    const use = uses.get(key)
    return use === undefined || use.untilMs <= clock.now() ? null : use
  }

  function makeRoom(): void {
    if (uses.size < usesMax) return
    for (const [key, { untilMs }] of uses) if (untilMs <= clock.now()) uses.delete(key)
    if (uses.size >= usesMax) throw new Unavailable('overloaded', 'too many one-time requests are remembered')
  }

  async function begin(key: string, use: OneTimeUse, work: () => Promise<string>): Promise<string> {
    makeRoom()
    const answer = work()
    uses.set(key, { fingerprint: use.fingerprint, untilMs: clock.now() + use.keepMs, answer })
    try {
      return await answer
    } catch (error) {
      // It answered nothing, so it may be asked again.
      uses.delete(key)
      throw error
    }
  }

  return async (use, work) => {
    const key = JSON.stringify([use.door, use.publicId, use.key])
    const before = known(key)
    if (before === null) return { kind: 'answered', answer: await begin(key, use, work) }
    if (Buffer.compare(before.fingerprint, use.fingerprint) !== 0) return { kind: 'other' }
    return { kind: 'repeated', answer: await before.answer }
  }
}
