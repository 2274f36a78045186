// A database for one history after the other: migrated as an operator's is, by the clock of the history, with the persons
// of the installation let in. The rules of the database are left to the letter; only between two histories the harness, as
// their owner, takes out what they protect.
import { openSession, type Session } from '../../../src/auditor/session.ts'
import { assert } from '../../../src/lib/assert.ts'
import { createSeal, type Seal } from '../../../src/lib/seal.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { type NewProposal, openPeopleStore, type PeopleStore } from '../../../src/store/people-store.ts'
import { openPool, type Pool } from '../../../src/store/postgres.ts'
import { MIGRATIONS, openStore } from '../../../src/store/postgres-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { installScriptClock } from '../../store/clock.ts'
import { CLEARING } from '../../store/let-clear.ts'
import { createRowReader, type RowReader } from '../../store/rows.ts'
import { BEN, CAI, PERSONS } from '../model/persons.ts'

export interface WorldDatabase {
  /** Of one connection: its calls stand in one line anyway. */
  readonly pool: Pool
  readonly seal: Seal
  readonly reader: RowReader
  /** The auditor's. */
  readonly session: Session
  /** A store knows what it has written before, so each history has its own. The last one's is not to be used any more. */
  openStores(): { readonly store: Store; readonly people: PeopleStore }
  /** As it was when it was made, sequences included. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** `url`: an empty database, which is its own from now on. */
export async function openWorldDatabase(url: string): Promise<WorldDatabase> {
  const log = { warn: () => undefined }
  const pool = openPool({ url, size: 1, applicationName: 'simulation', log })
  const seal = createSeal([{ id: 'simulation', key: new Uint8Array(32).fill(7) }])
  await migrate(pool, { folder: MIGRATIONS, log: () => undefined })
  await pool.query(QUIET)
  await letIn(openPeopleStore({ pool, seal }))
  await installScriptClock(url, 'read committed')
  await pool.end()

  const clocked = openPool({ url, size: 1, applicationName: 'simulation', log })
  // Nothing crashes here, so nobody has to wait for the disk. The pool itself refuses such a server; that is past by now.
  clocked.on('connect', client => void client.query('set synchronous_commit = off'))
  const openStores = opener(clocked, seal)
  // One that is opened before the connection hears of its warnings.
  openStores()
  // It lets the harness clear what the rules of the database protect.
  const reader = await createRowReader(clocked, seal)
  const { clear, vacuum } = await clearing(clocked)
  let cleared = 0
  const session = await openSession({ url, own: false })
  return {
    ...{ pool: clocked, seal, reader, session, openStores },
    async clear() {
      await clocked.query(clear)
      cleared += 1
      if (cleared % VACUUM_EVERY === 0) await clocked.query(vacuum)
    },
    async close() {
      await session.close()
      await clocked.end()
    },
  }
}

/** Histories. What was taken out stands in the way of those that follow. */
const VACUUM_EVERY = 50

/** A pool keeps a listener of each store that was ever opened on it. */
function opener(pool: Pool, seal: Seal): WorldDatabase['openStores'] {
  let last: readonly unknown[] = []
  return () => {
    const others = pool.listeners('connect').filter(one => !last.includes(one))
    for (const one of last) pool.off('connect', one as () => void)
    const stores = { store: openStore({ pool, seal }), people: openPeopleStore({ pool, seal }) }
    last = pool.listeners('connect').filter(one => !others.includes(one))
    return stores
  }
}

/** What the server does by itself it does at real times. */
const QUIET = `do $$
  declare place regclass;
  begin
    for place in select oid::regclass from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' loop
      execute format('alter table %s set (autovacuum_enabled = false)', place);
    end loop;
  end $$`

/** The first two come by themselves, and every other one by their agreement. */
async function letIn(people: PeopleStore): Promise<void> {
  for (const [place, { personId, name, factor, grants }] of PERSONS.entries()) {
    const proposalId = `pr_person${String(place).padStart(10, '0')}`
    const proposal: NewProposal = {
      ...{ proposalId, kind: 'person', merchantId: null, subject: personId, payoutNumber: null },
      ...{ attemptNo: null, content: { name }, confirmedByRole: 'approver', proposedBy: CAI.personId },
      ...{ credential: 'qp_test_cai', expiresInMs: 60_000, evidence: [] },
    }
    const said = await people.addPerson({ personId, name, factor, grants, keys: [], proposal })
    if (said === 'let_in') continue
    const by = { personId: BEN.personId, credential: 'qp_test_ben' }
    await people.useCode(by.personId, by.credential, place)
    await people.confirmProposal({ ...by, proposalId, codeStep: place, steps: [] })
  }
}

/** What came in since, out again. The rows are few, and taking them out is quicker than new files would be. */
async function clearing(pool: Pool): Promise<{ readonly clear: string; readonly vacuum: string }> {
  const { rows: tables } = await pool.query<{ name: string }>(TABLES)
  const names = tables.map(({ name }) => name)
  const kept = new Set<string>()
  await pool.query('create schema kept')
  for (const name of names) {
    const { rowCount } = await pool.query(`select from ${name} limit 1`)
    if (rowCount === 0) continue
    await pool.query(`create table kept.${name} as select to_jsonb(t) as row from public.${name} t`)
    kept.add(name)
  }
  const { rows: sequences } = await pool.query<{ name: string; last: string; called: boolean }>(SEQUENCES)
  const { rows: points } = await pool.query<Points>(POINTS)
  const clear = [
    'begin',
    CLEARING,
    ...pointingFirst(names, points)
      .filter(name => name !== 'configuration' && name !== 'installation')
      .map(name =>
        kept.has(name)
          ? `delete from ${name} t where to_jsonb(t) not in (select row from kept.${name})`
          : `delete from ${name}`,
      ),
    'update configuration set version = 1',
    ...sequences.map(({ name, last, called }) => `select setval('${name}', ${last}, ${called})`),
    'commit',
  ].join('; ')
  return { clear, vacuum: `vacuum ${names.join(', ')}` }
}

interface Points {
  readonly at: string
  readonly to: string
}

/** Each table after all that have references to it. */
function pointingFirst(names: readonly string[], points: readonly Points[]): readonly string[] {
  const ordered: string[] = []
  let left = names
  while (left.length > 0) {
    const free = left.filter(name => !points.some(({ at, to }) => to === name && left.includes(at)))
    assert(free.length > 0, 'references go round in a circle')
    ordered.push(...free)
    left = left.filter(name => !free.includes(name))
  }
  return ordered
}

const TABLES = `select relname as name from pg_class
  where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'schema_migration' order by 1`

const POINTS = `select conrelid::regclass::text as at, confrelid::regclass::text as to from pg_constraint
  where contype = 'f' and conrelid <> confrelid`

const SEQUENCES = `select sequencename as name, coalesce(last_value, start_value)::text as last,
    last_value is not null as called
  from pg_sequences where schemaname = 'public' order by 1`
