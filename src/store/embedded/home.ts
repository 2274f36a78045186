import { chmod, chown, mkdir, readlink, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { EmbeddedOptions } from '../embedded.ts'
import { findBinaries } from './binaries.ts'
import { canReach, exists, messageOf, Refusal, run } from './system.ts'

export interface Home {
  dataDir: string
  /** The real path of the cluster; undefined before the first start. */
  cluster: string | undefined
  /** Where a new cluster is made. */
  parent: string
  bin: string
  /** Whom the server runs as, when we are root. */
  user: { uid: number; gid: number } | undefined
  options: EmbeddedOptions
}

/** Where everything lies and whom the server runs as. Makes the folders that are missing. @throws Refusal */
export async function prepareHome(options: EmbeddedOptions): Promise<Home> {
  const dataDir = resolve(options.dataDir)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const cluster = await findCluster(dataDir)
  const user = await serverUser(cluster)
  const elsewhere = options.elsewhere ?? '/var/lib/quittance'
  const parent = user && !(await openPassage(dataDir, user)) ? elsewhere : dataDir
  await mkdir(parent, { recursive: true, mode: 0o711 }).catch(error => {
    throw new Refusal(
      `the user of Postgres cannot enter ${dataDir}, and there is no other place: ${messageOf(error)}`,
    )
  })
  if (cluster && user && !(await canReach(user, dirname(cluster)))) {
    throw new Refusal(`${cluster} lies below a folder that its owner (uid ${user.uid}) cannot enter`)
  }
  const bin = await findBinaries(options, user, user ? elsewhere : dataDir)
  return { dataDir, cluster, parent, bin, user, options }
}

export async function findCluster(dataDir: string): Promise<string | undefined> {
  const path = join(dataDir, 'postgres')
  if (!(await exists(path))) return undefined
  try {
    return await realpath(path)
  } catch {
    throw new Refusal(
      `${path} links to ${await readlink(path)}, which is gone: delete the link to begin anew`,
    )
  }
}

async function serverUser(cluster: string | undefined): Promise<Home['user']> {
  const own = process.getuid?.()
  const owner = cluster === undefined ? undefined : await stat(cluster)
  if (own !== 0) {
    if (owner === undefined || owner.uid === own) return undefined
    throw new Refusal(`${cluster} belongs to another user (uid ${owner.uid}): start as that one or as root`)
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const user = (await lookUp('postgres')) ?? (await lookUp('nobody'))
  if (user) return user
  throw new Refusal('Postgres refuses to run as root, and there is no user postgres or nobody to run it as')
}

async function lookUp(name: string): Promise<Home['user']> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number.parseInt(uid, 10), gid: Number.parseInt(gid, 10) }
  } catch {
    return undefined
  }
}

/**
 * Whether the server's user can pass through the data folder. The folder itself is ours, so if only it stands in the
 * way, that user's group may pass through it, not list it; the folders above are not ours to open.
 */
async function openPassage(dataDir: string, user: { uid: number; gid: number }): Promise<boolean> {
  if (await canReach(user, dataDir)) return true
  const { uid, mode } = await stat(dataDir)
  if (uid !== 0 || !(await canReach(user, dirname(dataDir)))) return false
  await chown(dataDir, uid, user.gid)
  await chmod(dataDir, (mode & 0o7777) | 0o010)
  return canReach(user, dataDir)
}

export function logPath(home: Home): string {
  return join(home.dataDir, 'postgres.log')
}
