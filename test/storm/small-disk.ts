// A Postgres on a disk that can be filled and freed, for an ordinary user. Where the system lets anybody have a mount of
// their own it is a small file system, and what Postgres meets is ENOSPC; where not, no file of the server may grow beyond a
// limit, which it meets as EFBIG.
import { spawn, spawnSync } from 'node:child_process'
import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { findBinaries } from '../../src/store/embedded/binaries.ts'
import { temporaryFolder } from '../postgres.ts'
import { eventually, freePort } from '../program.ts'

export interface SmallDisk extends AsyncDisposable {
  readonly url: string
  readonly how: 'tmpfs' | 'limit'
  fill(): Promise<void>
  /** Room again, and a server that answers. */
  free(): Promise<void>
}

const SIZE = '200m'
const SCRIPT = fileURLToPath(new URL('small-disk.sh', import.meta.url))

export async function openSmallDisk(): Promise<SmallDisk> {
  const folder = await temporaryFolder()
  const [disk, logs] = [join(folder, 'disk'), join(folder, 'logs')]
  for (const one of [disk, logs]) {
    await mkdir(one)
    await chmod(one, 0o777)
  }
  const how = mayMount(disk) ? 'tmpfs' : 'limit'
  const user = how === 'limit' ? nobody() : undefined
  const bin = await findBinaries({ dataDir: folder, log: () => {} }, user, folder)
  const port = await freePort()
  const run = ['/bin/sh', SCRIPT, bin, disk, logs, `${port}`, how]
  const [program = '', ...argv] = how === 'tmpfs' ? [...MOUNTED(disk), ...run] : run
  const child = spawn(program, argv, {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...user,
  })
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  const takeAlong = (): void => void child.stdin.end('stop\n')
  process.once('exit', takeAlong)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`

  async function told(): Promise<void> {
    const line = await lines.next()
    if (line.value === 'done') return
    throw new Error(`the small disk ended: ${await readFile(join(logs, 'postgres.log'), 'utf8')}`)
  }
  async function say(command: 'fill' | 'free'): Promise<void> {
    child.stdin.write(`${command}\n`)
    await told()
  }
  await told()
  await eventually(
    'its Postgres answers',
    () => answers(url),
    is => is,
  )
  return {
    ...{ url, how },
    fill: () => say('fill'),
    async free() {
      // A server that crashed because it could not write may be ending still, and takes a start to be told from one that stays.
      for (let tries = 0; tries < 100; tries += 1) {
        await say('free')
        if (
          await eventually(
            'it answers',
            () => answers(url),
            is => is,
            SOON,
          ).catch(() => false)
        )
          return
      }
      throw new Error('Postgres did not come back')
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', takeAlong)
      child.stdin.end('stop\n')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

const SOON = { withinMs: 3_000 }

/** Root of a name space of our own, who may mount; and in it somebody else, because Postgres does not run as root. */
const MOUNTED = (disk: string): readonly string[] => [
  ...['unshare', '--user', '--map-root-user', '--mount', '/bin/sh', '-c'],
  `mount -t tmpfs -o size=${SIZE},mode=0777 tmpfs "$0" && exec unshare --user --map-user=1000 --map-group=1000 "$@"`,
  disk,
]

function mayMount(disk: string): boolean {
  const [program = '', ...argv] = [...MOUNTED(disk), '/bin/sh', '-c', 'test "$(id -u)" = 1000']
  return process.env.STORM_DISK !== 'limit' && spawnSync(program, argv, { stdio: 'ignore' }).status === 0
}

/** As root the server runs as somebody else. */
function nobody(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string) =>
    Number.parseInt(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout, 10)
  return { uid: idOf('-u'), gid: idOf('-g') }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
