import { house, keptPackages, matches, ownFolder, type Room } from './house.ts'
import { type Import, isTest, type Source, sourcesOf } from './source.ts'
import type { Tree } from './tree.ts'

/** Every import that the table of `house.ts` does not allow. */
export function importFindings(tree: Tree): readonly string[] {
  return sourcesOf(tree).flatMap(source => {
    if (source.path.startsWith('console/')) return leavesConsole(source)
    if (!source.path.startsWith('src/') || isTest(source.path)) return []
    return againstHouse(source)
  })
}

function againstHouse(source: Source): readonly string[] {
  const path = source.path.slice('src/'.length)
  const room = house.find(candidate => matches(candidate.room, path))
  if (room === undefined) return [`${source.path} belongs to no room of tools/tidy/house.ts`]
  return source.imports.flatMap(one => {
    const why = one.target === null ? refusedPackage(path, one) : refusedTarget(room, path, one, one.target)
    return why === null ? [] : [`${source.path}:${one.line} ${why}`]
  })
}

function refusedTarget(room: Room, path: string, one: Import, target: string): string | null {
  if (!target.startsWith('src/')) return `leaves src/ for ${target}`
  const wanted = target.slice('src/'.length)
  if (isTest(wanted)) return `imports the test ${wanted}`
  const own = ownFolder(room.room, path)
  if (own !== null && wanted.startsWith(own)) return null
  if (room.may.some(allowed => matches(allowed, wanted))) return null
  const asType = (room.types ?? []).some(allowed => matches(allowed, wanted))
  if (asType) return one.typeOnly ? null : `may import only types from ${wanted}`
  return `${room.room} may not import ${wanted}`
}

function refusedPackage(path: string, one: Import): string | null {
  if (one.specifier === null) return 'computes what it imports'
  const name = one.specifier
  const kept = keptPackages.find(({ name: known }) => isOf(known, name))
  if (kept === undefined || kept.only.some(place => matches(place, path))) return null
  return `${name} stays behind ${kept.only.join(', ') || 'nothing of ours'}`
}

function isOf(known: string, name: string): boolean {
  return known.endsWith('/') ? name.startsWith(known) : name === known || name.startsWith(`${known}/`)
}

// The console is built for the browser: whatever it took from the server would be shipped to everyone.
function leavesConsole(source: Source): readonly string[] {
  return source.imports
    .filter(one => one.target !== null && !one.target.startsWith('console/'))
    .map(one => `${source.path}:${one.line} the console may not import ${one.target}`)
}
