import type { Tree } from './tree.ts'

// Put together here, so that this file does not hold what it looks for.
const machinePlaces: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a folder of one machine', pattern: new RegExp(`(?<![\\w.])/(?:${'work'}|${'farm'})/`) },
  { what: 'a home folder', pattern: new RegExp(`(?<![\\w.])/(?:${'home'}|${'Users'})/[a-z]`) },
  { what: 'a scratch folder', pattern: new RegExp(['bash', 'jobs'].join('_')) },
  {
    what: 'the host of a package registry',
    pattern: new RegExp(['registry\\.', '(?:npm', 'js|yarnpkg)'].join('')),
  },
]

/** Every file that knows the machine it was written on, or the host its packages came from. */
export function placeFindings(tree: Tree): readonly string[] {
  return [...tree].flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index) => {
      const known = machinePlaces.filter(place => place.pattern.test(line))
      return known.map(place => `${path}:${index + 1} names ${place.what}`)
    }),
  )
}
