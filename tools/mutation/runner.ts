// A test runner for Stryker that runs the tests of the pure core inside its own process. They need no database, no worker and no
// fresh world, so that a mutant costs milliseconds and a whole run a few minutes.
import { globSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import {
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
} from '@stryker-mutator/api/test-runner'
import { type Collected, takeCollected } from './collect.ts'

/**
 * The tests that judge a mutant: those beside the core. Many others run through the same lines, but a guarantee of the core has
 * to stand beside it, so they do not count here.
 */
const JUDGES = ['src/payout/*.test.ts', 'src/ledger/*.test.ts', 'src/dispatch/certainty*.test.ts']

const instrumented = instrumenterContext()
let generation = 0

/** The mutants live in the modules, so a mutant of a constant needs the modules loaded anew: one generation per load. */
function watchImports(root: string): void {
  const collect = new URL('./collect.ts', import.meta.url).href
  registerHooks({
    resolve(specifier, context, next) {
      const isOfTests = context.parentURL?.includes('.test.ts') ?? false
      if (specifier === 'vitest' && isOfTests) return { url: collect, shortCircuit: true }
      const resolved = next(specifier, context)
      const isOurs = resolved.url.startsWith(root) && !resolved.url.includes('/node_modules/')
      return isOurs && resolved.url !== collect
        ? { ...resolved, url: `${resolved.url}?${generation}` }
        : resolved
    },
  })
}

class CoreRunner implements TestRunner {
  #tests: readonly Collected[] = []

  capabilities() {
    return { reloadEnvironment: true }
  }

  async init(): Promise<void> {
    watchImports(pathToFileURL(join(process.cwd(), 'src/')).href)
    await import(new URL('./seed.ts', import.meta.url).href)
  }

  async dryRun(): Promise<DryRunResult> {
    await this.#load()
    const tests: TestResult[] = []
    for (const test of this.#tests) {
      instrumented.currentTestId = test.id
      const startedMs = performance.now()
      const why = await failureOf(test)
      const about = {
        id: test.id,
        name: test.id,
        fileName: test.file,
        timeSpentMs: performance.now() - startedMs,
      }
      tests.push(
        why === null
          ? { ...about, status: TestStatus.Success }
          : { ...about, status: TestStatus.Failed, failureMessage: why },
      )
    }
    delete instrumented.currentTestId
    const { mutantCoverage = { static: {}, perTest: {} } } = instrumented
    return { status: DryRunStatus.Complete, tests, mutantCoverage }
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, hitLimit, mutantActivation, testFilter } = options
    delete instrumented.activeMutant
    instrumented.hitCount = 0
    if (hitLimit === undefined) delete instrumented.hitLimit
    else instrumented.hitLimit = hitLimit
    if (mutantActivation === 'static') instrumented.activeMutant = activeMutant.id
    if (options.reloadEnvironment || this.#tests.length === 0) {
      const why = await this.#load().then(() => null, String)
      if (why !== null)
        return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: why, nrOfTests: 0 }
    }
    instrumented.activeMutant = activeMutant.id
    const judges =
      testFilter === undefined ? this.#tests : this.#tests.filter(test => testFilter.includes(test.id))
    const result = await judged(judges)
    // The counter of Stryker stands in every mutated place: a mutant that runs there without end is stopped by it.
    const hits = instrumented.hitCount ?? 0
    if (hitLimit !== undefined && hits > hitLimit)
      return { status: MutantRunStatus.Timeout, reason: `the mutated place was reached ${hits} times` }
    return result
  }

  async #load(): Promise<void> {
    generation += 1
    this.#tests = []
    const tests: Collected[] = []
    for (const file of JUDGES.flatMap(pattern => globSync(pattern).sort())) {
      await import(pathToFileURL(join(process.cwd(), file)).href)
      tests.push(...takeCollected(file))
    }
    this.#tests = [...tests.filter(test => !test.isSlow), ...tests.filter(test => test.isSlow)]
  }
}

/** The first test that fails is the verdict; the others are spared. */
async function judged(judges: readonly Collected[]): Promise<MutantRunResult> {
  let nrOfTests = 0
  for (const test of judges) {
    nrOfTests += 1
    const why = await failureOf(test)
    if (why !== null)
      return { status: MutantRunStatus.Killed, killedBy: [test.id], failureMessage: why, nrOfTests }
  }
  return { status: MutantRunStatus.Survived, nrOfTests }
}

async function failureOf({ run }: Collected): Promise<string | null> {
  try {
    await run()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function instrumenterContext(): InstrumenterContext {
  const world: Record<string, InstrumenterContext> = globalThis as never // where the instrumented code looks for it
  const context = world[INSTRUMENTER_CONSTANTS.NAMESPACE] ?? {}
  world[INSTRUMENTER_CONSTANTS.NAMESPACE] = context
  return context
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'core', CoreRunner)]
