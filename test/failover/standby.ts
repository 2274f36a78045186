// A standby made from a running primary with nothing but the server itself: a base backup between pg_backup_start and
// pg_backup_stop, a copy of the folder, and a replication slot that keeps the log from there on. And back again: the same
// backup restored as a server of its own.
import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '../program.ts'
import { type Ask, type Cluster, openCluster, type Postgres, startPostgres, withSession } from './postgres.ts'

export const SLOT = 'failover_standby'
const STANDBY = 'standby'

/** How a commit on the primary waits for the standby; `no`: it does not. */
export type Waits = 'on' | 'remote_apply' | 'no'

/**
 * The files of a running primary, copied into the folder: what `pg_basebackup` does, which is not among the programs that come
 * with npm. The log is not copied: it comes by the slot, which is made first.
 */
export async function baseBackup(primary: Postgres, dataDir: string): Promise<Cluster> {
  const { home, path, password } = primary.cluster
  await mkdir(dataDir, { recursive: true })
  const copy = join(dataDir, 'postgres')
  await withSession(primary.superUrl, async ask => {
    await ask('select pg_create_physical_replication_slot($1, true)', [SLOT])
    await ask("select pg_backup_start('failover', fast => true)")
    await copyLive(path, copy)
    const [stopped] = await ask<{ labelfile: string }>(
      'select labelfile from pg_backup_stop(wait_for_archive => false)',
    )
    for (const name of NOT_COPIED) await empty(join(copy, name))
    await rm(join(copy, 'postmaster.pid'), { force: true })
    await owned(home.user, join(copy, 'backup_label'), stopped?.labelfile ?? '')
  })
  await writeFile(join(dataDir, 'postgres.password'), password, { mode: 0o600 })
  return openCluster(dataDir)
}

/**
 * A standby that follows the primary, and has all of its log when this returns. With `waits` a commit on the primary is answered only
 * when the standby has it on its disk.
 *
 * @param through the address by which it reaches the primary; left out: its own
 */
export async function startStandby(
  primary: Postgres,
  options: { readonly dataDir: string; readonly waits: Waits; readonly through?: { readonly port: number } },
): Promise<Postgres> {
  const { dataDir, waits, through = primary } = options
  const cluster = await baseBackup(primary, dataDir)
  const { user } = cluster.home
  await owned(user, join(cluster.path, 'standby.signal'), '')
  const standby = await startPostgres(cluster, {
    primary_conninfo: [
      `host=127.0.0.1 port=${through.port} user=postgres password=${cluster.password}`,
      `application_name=${STANDBY} sslmode=disable`,
    ].join(' '),
    primary_slot_name: SLOT,
    hot_standby: 'on',
  })
  try {
    await withSession(primary.superUrl, async ask => {
      await follows(ask, 'streaming')
      if (waits === 'no') return
      await ask(`alter system set synchronous_standby_names = '${STANDBY}'`)
      await ask(`alter system set synchronous_commit = '${waits}'`)
      await ask('select pg_reload_conf()')
      await follows(ask, 'sync')
    })
  } catch (error) {
    await standby.stop()
    throw error
  }
  return standby
}

async function follows(ask: Ask, wanted: 'streaming' | 'sync'): Promise<void> {
  await eventually(
    `the standby is ${wanted}`,
    async () => {
      const rows = await ask<{ state: string; sync_state: string; has: boolean }>(
        `select state, sync_state, replay_lsn >= pg_current_wal_lsn() as has
         from pg_stat_replication where application_name = $1`,
        [STANDBY],
      )
      return rows[0] ?? null
    },
    row =>
      row !== null &&
      row.state === 'streaming' &&
      row.has &&
      (wanted === 'streaming' || row.sync_state === 'sync'),
    { withinMs: 180_000, everyMs: 50 },
  )
}

/** What belongs to the running server alone, or comes by the slot. */
const NOT_COPIED = [
  ...['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp'],
  'pg_subtrans',
]

/** Files as they are, with their owners. One that goes away while it is copied is none that a restore needs. */
async function copyLive(from: string, to: string): Promise<void> {
  try {
    await promisify(execFile)('cp', ['-a', from, to])
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    const lines = said.trim().split('\n')
    if (lines.length === 0 || !lines.every(line => line.endsWith('No such file or directory'))) throw error
  }
}

async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    await rm(join(folder, name), { recursive: true, force: true })
}

async function owned(user: Cluster['home']['user'], path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 })
  if (user !== undefined) await chown(path, user.uid, user.gid)
  else await chmod(path, (await stat(path)).mode)
}
