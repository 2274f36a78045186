// Finds what each registered protocol brings to the conformance run, by the name of its folder.
import { readdirSync } from 'node:fs'
import type { Conformance } from './conformance.fixture.ts'
import { conformanceOwed, filesOwed } from './conformance-owed.fixture.ts'
import type { Protocol } from './protocol.ts'
import { PROTOCOLS } from './registry.ts'

/** A protocol with its part of the run. */
export interface Examined {
  readonly protocol: Protocol
  readonly conformance: Conformance
}

export interface Loaded {
  /** Those that the run can look at. */
  readonly examined: readonly Examined[]
  /** Of every protocol what it still owes, each a sentence. */
  readonly owed: ReadonlyMap<string, readonly string[]>
}

/**
 * Every registered protocol. `load` imports the fixture of a folder: the address of what is imported is computed, and
 * only tests may do that.
 */
export async function loadConformances(load: (name: string) => Promise<object>): Promise<Loaded> {
  const examined: Examined[] = []
  const owed = new Map<string, readonly string[]>()
  for (const protocol of PROTOCOLS) {
    const lacking = filesOwed(protocol.name, folder => namesIn(`${protocol.name}/${folder}`))
    const hasFixture = namesIn(protocol.name).includes('conformance.fixture.ts')
    const fixture = hasFixture ? conformanceIn(await load(protocol.name)) : null
    const owing = [...lacking, ...conformanceOwed(protocol, fixture)]
    owed.set(protocol.name, owing)
    if (fixture !== null && owing.length === 0) examined.push({ protocol, conformance: fixture })
  }
  return { examined, owed }
}

function conformanceIn(module: object): Conformance | null {
  // Each fixture types its own export; tsc sees them all, and a computed import keeps nothing of that.
  return 'conformance' in module ? (module.conformance as Conformance) : null
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(new URL(`${folder}/`, import.meta.url))
  } catch {
    return []
  }
}
