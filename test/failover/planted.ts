// Mistakes planted into a copy of the program, which the harness must notice (SAFETY.md section 8, numbers 9 and 32). The copy is
// what runs as the program and what migrates the database; the harness stays as it is.
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Patch, patchText } from '../patch.ts'
import { startRail } from '../rail.ts'
import type { Kind } from './draw.ts'
import { makeMigrated } from './pair.ts'
import { failoverOnce } from './run.ts'

export interface Planted {
  readonly name: string
  readonly says: string
  /** The kind of failover that shows it. */
  readonly kind: Kind
  /** What the installation believes it has, where that is more. */
  readonly judgedAs?: Kind
  readonly patches: readonly Patch[]
}

const SAFE_MODE = 'src/store/migrations/0007-safe-mode.sql'

export const PLANTED: readonly Planted[] = [
  {
    name: '09',
    says: 'the reference is random instead of derived',
    kind: 'asynchronous',
    patches: [
      {
        file: 'src/payout/attempt.ts',
        from: 'const digest = sha256(JSON.stringify([of.merchantId, of.reference, of.attemptNo]))',
        to: 'const digest = sha256(JSON.stringify([of.merchantId, of.reference, of.attemptNo, crypto.randomUUID()]))',
      },
    ],
  },
  {
    name: 'tail',
    says: 'a commit is acknowledged before the standby has it',
    kind: 'asynchronous',
    judgedAs: 'synchronous',
    patches: [],
  },
  {
    name: '32a',
    says: 'safe mode is skipped',
    kind: 'asynchronous',
    patches: [
      {
        file: SAFE_MODE,
        from: "when i.timeline <> server_timeline() then 'timeline'\n    when pg_current_wal_flush_lsn() < noted then 'position'",
        to: "when false then 'timeline'",
      },
    ],
  },
  {
    name: '32b',
    says: 'the timeline is read from the last checkpoint record, so a promotion is missed',
    kind: 'synchronous',
    patches: [
      {
        file: SAFE_MODE,
        from: 'return left(pg_walfile_name(pg_current_wal_lsn()), 8);',
        to: "return (select upper(lpad(to_hex(timeline_id), 8, '0')) from pg_control_checkpoint());",
      },
    ],
  },
]

/** So many failovers may pass before one shows it. */
const RUNS_MAX = 4

/** @returns whether a run noticed it */
export async function playPlanted(
  planted: Planted,
  options: { readonly folder: string; readonly seed: number; readonly tell: (line: string) => void },
): Promise<boolean> {
  const { folder, seed, tell } = options
  const copy = await patchedCopy(planted, join(folder, `planted-${planted.name}`))
  const migrated = await makeMigrated(join(folder, `migrated-${planted.name}`), copy.migrations)
  await using rail = await startRail({ latencyMs: 30 })
  for (let ran = 0; ran < RUNS_MAX; ran += 1) {
    const name = `p${planted.name}-${ran}`
    const { breaches } = await failoverOnce({
      ...{ kind: planted.kind, seed: seed + ran, name, rail, migrated, folder },
      ...{ main: copy.main, judgedAs: planted.judgedAs ?? planted.kind },
    }).catch((error: unknown) => ({ breaches: [`the run did not end: ${String(error).slice(0, 300)}`] }))
    if (breaches.length === 0) continue
    tell(`${planted.name} ${planted.says}: noticed in run ${ran + 1} by ${breaches.length} breaches`)
    for (const breach of breaches.slice(0, 5)) tell(`  ${breach}`)
    return true
  }
  tell(`${planted.name} ${planted.says}: NOT NOTICED in ${RUNS_MAX} runs`)
  return false
}

async function patchedCopy({ patches }: Planted, to: string): Promise<{ main: string; migrations: URL }> {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  await mkdir(to, { recursive: true })
  await cp(join(root, 'src'), join(to, 'src'), { recursive: true })
  await cp(join(root, 'package.json'), join(to, 'package.json'))
  await symlink(join(root, 'node_modules'), join(to, 'node_modules'))
  for (const patch of patches) {
    const path = join(to, patch.file)
    await writeFile(path, patchText(await readFile(path, 'utf8'), patch))
  }
  return { main: join(to, 'src/main.ts'), migrations: pathToFileURL(`${join(to, 'src/store/migrations')}/`) }
}
