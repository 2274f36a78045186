// Every planted bug by its number. Loaded by name, so that whoever plays one loads no other.
import { readdirSync } from 'node:fs'
import type { Planted } from './planted.ts'

const FILE = /^(\d\d[a-z]?)-.*\.ts$/

/** The numbers of all planted bugs, in order. */
export function plantedNumbers(): readonly string[] {
  return readdirSync(new URL('.', import.meta.url))
    .flatMap(name => FILE.exec(name)?.[1] ?? [])
    .toSorted()
}

/** Those whose rule stands in a migration, too. */
export async function plantedOverPostgres(): Promise<readonly string[]> {
  const all = await Promise.all(plantedNumbers().map(plantedNumbered))
  return all.flatMap(planted =>
    planted?.patches?.some(({ file }) => file.endsWith('.sql')) === true && planted.test === undefined
      ? [planted.number]
      : [],
  )
}

export async function plantedNumbered(number: string): Promise<Planted | null> {
  const name = readdirSync(new URL('.', import.meta.url)).find(file => FILE.exec(file)?.[1] === number)
  if (name === undefined) return null
  const loaded = (await import(new URL(name, import.meta.url).href)) as { planted: Planted }
  return loaded.planted
}
