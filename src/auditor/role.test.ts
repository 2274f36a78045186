// The auditor's role, tried with plain SQL: it reads what it needs, keeps findings and trips; whatever else is refused.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { BOOK, byHand, openAuditedStore, writeBook } from '../../test/auditor-kit.ts'
import { createMigratedDatabase } from '../../test/postgres.ts'
import { openTestStore } from '../../test/store-kit.ts'
import { AuditorRefused, openSession, ROLE_MISSING } from './session.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let db: Awaited<ReturnType<typeof openAuditedStore>>
beforeAll(async () => {
  db = await openAuditedStore()
  await writeBook(db)
})
afterAll(() => db.close())

const asAuditor = (sql: string) => db.session.write(query => query(sql))

test.each([
  'select sum(minor) from posting',
  'select merchant_id, state, minor from payout',
  `insert into finding (invariant, scope, scope_id, subject, detail, snapshot) values ('I1', 'global', '', 's', 'd', '1:1:')`,
  `select trip_switch('merchant', 'm_test', 'auditor', 'a try', '1')`,
  `insert into auditor_heartbeat (beat_at) values (now()) on conflict (only_row) do update set beat_at = now()`,
])('may: %s', async sql => {
  await expect(asAuditor(sql)).resolves.toBeDefined()
})

test.each([
  `select effect_release_switch(null, null)`,
  `select effect_release_safe_mode(null, null)`,
  `insert into kill_switch_event (scope, scope_id, act, acted_by, confirmed_by, why)
   values ('merchant', 'm_test', 'release', 'one', 'two', 'why')`,
  `update safe_mode set released_at = now(), proposed_by = 'one', confirmed_by = 'two'`,
  `update payout set state = 'paid' where payout_number = ${BOOK.queued}`,
  `update balance set minor = 0`,
  `update attempt set next_look_at = now()`,
  `update finding set detail = 'nothing'`,
  'delete from finding',
  'delete from payout_event',
  `insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor)
   values ('m_test', 1, 9, 1, 'fee', 'available', 'fees', 'BDT', 1)`,
  `insert into proof (merchant_id, payout_number, attempt_no, kind, premises) values ('m_test', 6, 1, 'refused', '{}')`,
  `delete from kill_switch_event`,
  `update kill_switch_event set why = 'nothing'`,
  `insert into merchant values ('m_new', 'New', true)`,
  `select advance_payouts('[]')`,
  `select auditor_role_ready()`,
  'truncate finding',
  'create table mine ()',
])('may not: %s', async sql => {
  await expect(asAuditor(sql)).rejects.toMatchObject({ code: '42501' })
})

test.each([
  'select beneficiary from payout',
  'select first_answer from payout',
  'select raw from callback',
  'select secret from door_credential',
  'select settings from provider_account',
  'select hash from api_key',
  'select sealed from proof_image',
  'select answer from exchange',
])('does not see what is sealed or nobody else is shown: %s', async sql => {
  await expect(asAuditor(sql)).rejects.toMatchObject({ code: '42501' })
})

test('where the role is not given it refuses with the sentence that says what to do', async () => {
  const bare = await openTestStore(0n)
  try {
    await bare.pool.query(`create role quittance_other_test login password 'other'`).catch(() => {})
    const url = new URL(bare.url)
    url.username = 'quittance_other_test'
    url.password = 'other'
    const refused = openSession({ url: url.href, own: false })
    await expect(refused).rejects.toThrow(AuditorRefused)
    await expect(refused).rejects.toThrow(ROLE_MISSING)
    // A connection of its own that may do too little is refused as well, and one that may do enough is not.
    await expect(openSession({ url: url.href, own: true })).rejects.toThrow(ROLE_MISSING)
    await byHand(bare.url, 'grant quittance_auditor to quittance_other_test')
    const own = await openSession({ url: url.href, own: true })
    await own.close()
    await byHand(bare.url, 'drop role quittance_other_test')
  } finally {
    await bare.close()
  }
})

test('a database whose user may make no roles is migrated all the same, and says that the role is missing', async () => {
  const database = await createMigratedDatabase()
  try {
    // Whoever calls it without the right to make roles, on a server that has none yet, is told so: played with another name.
    await byHand(
      database.url,
      `create role quittance_plain_test login password 'plain';
       do $do$ begin
         execute (select replace(replace(pg_get_functiondef('auditor_role_ready'::regproc), 'quittance_auditor', 'quittance_absent_test'),
           'auditor_role_ready', 'absent_role_ready'));
       end $do$;
       grant execute on function absent_role_ready() to quittance_plain_test;`,
    )
    const url = new URL(database.url)
    url.username = 'quittance_plain_test'
    url.password = 'plain'
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    const { rows } = await client.query('select absent_role_ready() as ready')
    await client.end()
    expect(rows).toEqual([{ ready: false }])
    await byHand(database.url, 'drop owned by quittance_plain_test; drop role quittance_plain_test')
  } finally {
    await database.drop()
  }
})

test('of several servers it reads the first that answers', async () => {
  const { host } = new URL(db.url)
  const session = await openSession({ url: db.url.replace(host, `127.0.0.1:9,${host}`), own: false })
  expect(await session.read('select current_user::text as who')).toEqual([{ who: 'quittance_auditor' }])
  await session.close()
  const nobody = db.url.replace(host, '127.0.0.1:9,127.0.0.1:10')
  await expect(openSession({ url: nobody, own: false })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
