// Draws a script from its seed, one group at a time, from what stands in the model at that moment.
import type { Store } from '../../src/store/store.ts'
import type { Dossier } from '../simulation/model/rows.ts'
import { type Chance, chanceOf } from './chance.ts'
import { drawAccept, type Numbers } from './draw-intake.ts'
import { drawOneTimeUse, drawRead, drawSetUp } from './draw-others.ts'
import { drawAdvance } from './draw-step.ts'
import { drawCallbacks, drawNoticeResults, drawOwnImage, drawSearchResult } from './draw-tellings.ts'
import { prelude } from './draw-world.ts'
import { PARALLEL_MAX } from './pair.ts'
import type { Source } from './run.ts'
import type { Call, Script } from './script.ts'

/** Groups of a script behind its prelude. */
const GROUPS_MAX = 40

export function drawnScript(seed: bigint): Source {
  const chance = chanceOf(seed)
  const begins = prelude(chance)
  const length = 8 + chance.below(GROUPS_MAX - 8)
  const numbers = numbersFrom(1_001n)
  let id = 0
  return (tables, nowMs, nameClaim) => {
    const begin = begins[id]
    id += 1
    if (begin !== undefined) return { id, advanceMs: 0, calls: [begin] }
    if (id > begins.length + length) return null
    const advanceMs = chance.sometimes(45) ? chance.pick([1, 1, 400, 2_000, 61_000]) : 0
    const dossiers = [...tables.dossiers.values()]
    const stale = (dossier: Dossier) => {
      const claim = dossier.queue?.claim ?? null
      return claim === null ? null : nameClaim(claim)
    }
    const draw = () => drawCall(chance, dossiers, numbers, stale, nowMs + advanceMs)
    const count = chance.sometimes(20) ? 2 + chance.below(PARALLEL_MAX - 1) : 1
    const calls = [draw()]
    // Side by side, the same kind of work is what meets most.
    while (calls.length < count) calls.push(chance.sometimes(30) ? chance.pick(calls) : draw())
    // Blocks of numbers are taken in any order, whichever order the calls then have.
    const alone = calls.find(({ name }) => name === 'takeNumbers')
    return { id, advanceMs, calls: alone === undefined ? calls : [alone] }
  }
}

/** Steps through what was recorded. */
export function recorded(script: Script): Source {
  let place = 0
  return () => {
    const group = script[place] ?? null
    place += 1
    return group
  }
}

/** Behind the block that the prelude takes, so that most numbers were given out. */
function numbersFrom(first: bigint): Numbers {
  let next = first
  return {
    next() {
      next += 1n
      return next
    },
  }
}

const CLAIMS = ['claimDue', 'claimAttempts', 'claimNotices', 'claimProofSearches'] as const

function drawCall(
  chance: Chance,
  dossiers: readonly Dossier[],
  numbers: Numbers,
  nameClaim: (dossier: Dossier) => bigint | null,
  nowMs: number,
): Call {
  if (dossiers.length === 0 || chance.sometimes(12)) return drawAccept(chance, dossiers, numbers, nowMs)
  const kind = chance.weighted({
    ...{
      advance: 34,
      claim: 22,
      callback: 7,
      notice: 7,
      oneTime: 5,
      search: 4,
      ownImage: 2,
      read: 13,
      setUp: 6,
    },
  })
  switch (kind) {
    case 'advance':
      return drawAdvance(chance, dossiers, nameClaim, nowMs)
    case 'claim':
      return drawClaim(chance, chance.sometimes(40) ? 'claimDue' : chance.pick(CLAIMS))
    case 'callback':
      return drawCallbacks(chance, dossiers)
    case 'notice':
      return drawNoticeResults(chance, dossiers) ?? drawClaim(chance, 'claimNotices')
    case 'oneTime':
      return drawOneTimeUse(chance)
    case 'search':
      return drawSearchResult(chance, dossiers)
    case 'ownImage':
      return drawOwnImage(chance, dossiers)
    case 'read':
      return drawRead(chance, dossiers)
    case 'setUp':
      return drawSetUp(chance)
  }
}

function drawClaim(chance: Chance, name: keyof Store): Call {
  return { name, args: [{ limit: chance.pick([1, 2, 100]), leaseMs: chance.pick([0, 400, 30_000]) }] }
}
