import { chown, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../lib/clock.ts'
import { sha256Hex } from '../../lib/digest.ts'
import { systemRandom } from '../../lib/random.ts'
import { findCluster, type Home } from './home.ts'
import { codeOf, publish, Refusal, randomName, run } from './system.ts'

/** A password is made together with the folder, and never again: a cluster without its password is refused. */
export async function readPassword(home: Home): Promise<string> {
  const path = join(home.dataDir, 'postgres.password')
  if (home.cluster === undefined) {
    const fresh = Buffer.from(systemRandom.bytes(24)).toString('base64url')
    await writeFile(path, fresh, { mode: 0o600, flag: 'wx' }).catch(error => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  }
  const password = await readFile(path, 'utf8').catch(() => '')
  if (/^[\w-]{32}$/.test(password)) return password
  throw new Refusal(`${path} is missing or damaged: put it back, or delete ${home.dataDir} to begin anew`)
}

/**
 * Makes the cluster in a folder of its own and moves it into place when it is whole: a start that was cut short leaves
 * nothing that looks like a cluster, and of two first starts at once one wins.
 */
export async function initialise(home: Home, password: string): Promise<void> {
  const { parent, dataDir, user, options } = home
  await sweepStaging(parent)
  const staging = join(parent, `postgres.new-${randomName()}`)
  const [passwordFile, fresh] = [join(staging, 'password'), join(staging, 'cluster')]
  const kept = join(dataDir, 'postgres')
  const target =
    parent === dataDir ? kept : join(parent, `${sha256Hex(dataDir).slice(0, 12)}-${randomName()}`)
  options.log(`preparing Postgres in ${target}`)
  if (target !== kept) options.log(`(its user cannot enter ${dataDir}: ${kept} links there)`)
  try {
    await mkdir(staging, { mode: 0o700 })
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (user) await Promise.all([staging, passwordFile].map(path => chown(path, user.uid, user.gid)))
    // The server's own C.UTF-8 sorts the same on every machine, whatever its C library.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    const access = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
    const initdb = ['-D', fresh, ...access, ...locale, '--data-checksums', '--no-instructions']
    await run(join(home.bin, 'initdb'), initdb, {
      ...user,
      timeout: INITDB_MS_MAX,
      signal: options.signal,
    })
    await publish(fresh, target)
    if (target !== kept) await linkOrYield(target, kept)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  home.cluster = await findCluster(dataDir)
}

async function linkOrYield(target: string, link: string): Promise<void> {
  try {
    await symlink(target, link)
  } catch (error) {
    await rm(target, { recursive: true, force: true })
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

async function sweepStaging(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith('postgres.new-')) continue
    const path = join(parent, name)
    const { mtimeMs } = await stat(path)
    if (systemClock.now() - mtimeMs > STAGING_AGE_MS_MAX) await rm(path, { recursive: true, force: true })
  }
}

const STAGING_AGE_MS_MAX = 10 * 60_000

const INITDB_MS_MAX = 120_000
