// Runs a script on Postgres while the model follows, and says where the two part. What Postgres answered is kept, so that
// other models can be held to it without another database.
import type { ModelStore } from '../simulation/model/model-store.ts'
import { type Answer, answerOf } from './answers.ts'
import { ClaimNames } from './claimed.ts'
import { followOn } from './follow.ts'
import type { Isolation, Pair } from './pair.ts'
import type { Rows } from './rows.ts'
import { type Group, SCRIPT_START_MS, type Script } from './script.ts'

export type Tables = ReturnType<ModelStore['tables']>

/** The next group, from what stands in the model; null at the end. `nameClaim` gives the script's name of a claim there. */
export type Source = (tables: Tables, nowMs: number, nameClaim: (claim: bigint) => bigint) => Group | null

export interface Run {
  readonly isolation: Isolation
  readonly script: Script
  /** Of each group, in the order of the script. */
  readonly given: readonly (readonly Answer[])[]
  /** Null where the script was broken off. */
  readonly rows: Rows | null
  /** Null: the stores agree. */
  readonly mismatch: string | null
}

export async function runScript(pair: Pair, source: Source): Promise<Run> {
  let nowMs = SCRIPT_START_MS
  const model = pair.createModel({ now: () => nowMs })
  const follower = followOn(model, pair.isolation)
  const claims = new ClaimNames()
  const { isolation } = pair
  const script: Group[] = []
  const given: (readonly Answer[])[] = []

  await pair.reader.clear()
  for (;;) {
    const group = source(model.tables(), nowMs, follower.nameClaim)
    if (group === null) break
    nowMs += group.advanceMs
    await pair.clock.set(nowMs, group.calls.length > 1 ? PAUSE_MS : 0)
    const answers = await Promise.all(
      group.calls.map((call, place) => answerOf(pair.postgres, claims, call, group.id, place)),
    )
    script.push(group)
    given.push(answers)
    const wrong = await follower.follow(group, answers)
    if (wrong !== null) return { isolation, script, given, rows: null, mismatch: parted(answers, wrong) }
  }
  const rows = await pair.reader.rows(claim => `${claims.nameOf(BigInt(claim))}`)
  return { isolation, script, given, rows, mismatch: follower.compare(rows) }
}

/** The longest that a look at the clock takes while calls run side by side. */
const PAUSE_MS = 3

/** Holds another model to what Postgres answered in a run. */
export async function rerun(
  { isolation, script, given, rows }: Run,
  createModel: Pair['createModel'],
): Promise<string | null> {
  let nowMs = SCRIPT_START_MS
  const follower = followOn(createModel({ now: () => nowMs }), isolation)
  for (const [place, group] of script.entries()) {
    nowMs += group.advanceMs
    const answers = given[place] ?? []
    const wrong = await follower.follow(group, answers)
    if (wrong !== null) return parted(answers, wrong)
  }
  return rows === null ? null : follower.compare(rows)
}

function parted(answers: readonly Answer[], wrong: string): string {
  const said = answers.map(({ call, plain }, place) => `${place + 1} ${call.name}: ${JSON.stringify(plain)}`)
  return ['postgres:', ...said, 'model:', wrong].join('\n')
}
