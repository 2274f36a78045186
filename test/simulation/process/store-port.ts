// The store as one process reaches it: over a line that takes its time, fails before or after the commit, and ends with
// the process. Behind it stands the model, which does each function in one step.
import { Unavailable } from '../../../src/errors.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Releases } from '../model/releases.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { Trace } from '../trace.ts'
import type { Life } from './life.ts'
import type { DrawPause, Strike } from './points.ts'

export type StoreFunction = Exclude<keyof Store | keyof Releases, 'close'>

/** Hears of everything that was committed, at that moment, whether or not the caller does. */
export type Committed = (name: StoreFunction, args: readonly unknown[], result: unknown, who: string) => void

export interface StorePortNeeds {
  readonly scheduler: Scheduler
  readonly life: Life
  readonly model: Store & Releases
  readonly strike: Strike
  readonly drawPause: DrawPause
  /** Milliseconds that one call takes, and whether its work is done at the end of them. */
  readonly drawLatency: () => { readonly ms: number; readonly late: boolean }
  readonly committed: Committed
  /** Grows with each restore: the lines to the database before are gone. */
  readonly lifeOfDatabase: () => number
  /** Its caller is answered at this moment. */
  readonly answered: (name: StoreFunction) => void
  readonly trace: Trace
}

const FUNCTIONS = [
  'takeNumbers',
  'acceptPayouts',
  'claimDue',
  'advancePayouts',
  'claimAttempts',
  'recordCallbacks',
  'claimNotices',
  'recordNotices',
  'findConfirmation',
  'beginOneTimeUse',
  'answerOneTimeUse',
  'forgetOneTimeUses',
  'claimProofSearches',
  'recordProofSearch',
  'keepOwnProofImage',
  'proofImages',
  'proofSearches',
  'findPayout',
  'findForStep',
  'listPayouts',
  'payoutEvents',
  'payoutPostings',
  'payoutAttempts',
  'payoutExchanges',
  'payoutNotices',
  'merchantBalances',
  'readBooks',
  'backlog',
  'claimReferenceQuestions',
  'readConfiguration',
  'configurationVersion',
  'beginIncarnation',
  'touchIncarnation',
  'endIncarnation',
  'findIncarnation',
  'withOpenSends',
  'wakeOpenSends',
  'withLiveAttempts',
  'installationId',
  'checkInstallation',
  'sweptJournals',
  'safeModes',
  'releaseSafeMode',
  'unknownSends',
  'answerReferenceQuestion',
  'recordPhantom',
  'findPhantom',
  'sweepCounts',
  'trippedSwitches',
  'tripSwitch',
  'releaseSwitch',
  'findDecidable',
  'propose',
  'findProposal',
  'confirmProposal',
  'endProposal',
  'findFactor',
  'useCode',
  'ready',
] as const satisfies readonly StoreFunction[]

export function storePort(needs: StorePortNeeds): Store & Releases {
  const { scheduler, life, model, trace } = needs

  function call(name: StoreFunction, args: readonly unknown[]): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    if (!life.isAlive()) return promise
    const fault = needs.strike({ life, port: 'store', name })
    const { ms, late } = needs.drawLatency()
    if (fault !== null) trace.note(life.name, `${name} ${fault}`, '')
    if (fault === 'crash_before') {
      life.crash()
      return promise
    }
    if (fault === 'pause') {
      const { ms: pauseMs, frozen } = needs.drawPause()
      life.pause(pauseMs, frozen)
    }
    const answer = (run: () => void): void => {
      scheduler.after(ms, () => life.deliver(run))
    }
    const give = (result: unknown): void => {
      needs.answered(name)
      resolve(result)
    }
    const fail = (): void =>
      answer(() => reject(new Unavailable('unavailable', 'the line to the store was cut')))
    if (fault === 'no_effect') {
      fail()
      return promise
    }
    const began = needs.lifeOfDatabase()
    const work = (): void => {
      if (needs.lifeOfDatabase() !== began) {
        fail()
        return
      }
      const first = once(name, args)
      void (fault === 'twice' ? first.then(() => once(name, args)) : first).then(
        result => {
          if (fault === 'crash_after') life.crash()
          else if (fault === 'answer_lost') fail()
          else if (late) life.deliver(() => give(result))
          else answer(() => give(result))
        },
        error => answer(() => reject(error)),
      )
    }
    if (late) scheduler.after(ms, work)
    else work()
    return promise
  }

  function once(name: StoreFunction, args: readonly unknown[]): Promise<unknown> {
    // Each function takes what its own type says; here they are all called alike.
    const run = model[name] as (...given: readonly unknown[]) => Promise<unknown>
    return run(...args).then(result => {
      trace.note(life.name, name, summary(name, result))
      needs.committed(name, args, result, life.name)
      return result
    })
  }

  const port: Record<string, unknown> = { close: () => Promise.resolve() }
  for (const name of FUNCTIONS) port[name] = (...args: readonly unknown[]) => call(name, args)
  // Every function of the type is in the list above, which the compiler holds to be names of the type.
  return port as unknown as Store & Releases
}

/** Enough of a result to tell two histories apart. */
function summary(name: StoreFunction, result: unknown): string | number {
  if (Array.isArray(result)) {
    if (name !== 'advancePayouts' && name !== 'acceptPayouts') return result.length
    return (result as readonly { kind: string }[]).map(({ kind }) => kind).join()
  }
  if (typeof result === 'bigint') return Number(result)
  if (typeof result !== 'object' || result === null) return String(result)
  const found = result as { payout?: { state?: string; version?: number }; state?: string; version?: unknown }
  return `${found.payout?.state ?? found.state ?? ''} ${found.payout?.version ?? ''}`
}
