// The auditor of production at its work in a history: its own connection, its own SQL. It passes over what changed now and
// then, and over everything at the end. What it finds is a violation, be the books wrong or the auditor: in production a
// false alarm stops sending.
import type { Breach } from '../../../src/auditor/breach.ts'
import { changedPass, type PassResult, type Report, type Seen, wholePass } from '../../../src/auditor/pass.ts'
import type { Session } from '../../../src/auditor/session.ts'

export interface Passes {
  /** Something was committed. */
  committed(): Promise<readonly Breach[]>
  /** What has changed since, and then everything again. */
  end(): Promise<readonly Breach[]>
}

/** Commits between two passes. In production there are ten seconds between them, and here mostly nothing happens in those. */
const COMMITS = 12

export function createPasses(session: Session): Passes {
  let seen: Seen | null = null
  let commits = 0

  async function pass(run: (report: Report) => Promise<PassResult>): Promise<readonly Breach[]> {
    const breaches: Breach[] = []
    const result = await run(async page => void breaches.push(...page))
    seen = result.seen
    return breaches
  }
  function whole(): Promise<readonly Breach[]> {
    return pass(report => wholePass(session, report))
  }
  function next(): Promise<readonly Breach[]> {
    const before = seen
    return before === null ? whole() : pass(report => changedPass(session, before, report))
  }

  return {
    async committed() {
      commits += 1
      return commits % COMMITS === 0 ? next() : []
    },
    end: async () => [...(await next()), ...(await whole())],
  }
}
