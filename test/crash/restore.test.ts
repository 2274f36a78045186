// The database is restored from a copy that was taken before some payouts were sent. The program notices, sends nothing,
// finds what was sent at the provider and in its own journal, and pays nothing twice; then two people release it.
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startEmbedded } from '../../src/store/embedded.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPool } from '../../src/store/postgres.ts'
import { MIGRATIONS } from '../../src/store/postgres-store.ts'
import { createNative, findNative } from '../client.ts'
import { ACCOUNT, type House, openHouse, startServer } from '../house.ts'
import { addPerson, releaseOn } from '../persons.ts'
import { temporaryFolder } from '../postgres.ts'
import { eventually, startProgram } from '../program.ts'
import { type RailProgram, startRail } from '../rail.ts'

const PAID_AT_ONCE = '01700000001'
const QUEUED = ['queued-1', 'queued-2', 'queued-3']

async function submit(url: string, reference: string): Promise<void> {
  // A client repeats what it has no answer to; the reference keeps it one payout.
  const { status } = await eventually(
    `${reference} is taken`,
    () => createNative(url, { reference, amount: '10.00', wallet: PAID_AT_ONCE }),
    answer => answer.status < 500,
    { withinMs: 180_000 },
  )
  expect(status).toBe(201)
}

async function paid(url: string, ...references: readonly string[]): Promise<void> {
  for (const reference of references)
    await eventually(
      `${reference} is paid`,
      () => findNative(url, reference),
      ({ state }) => state === 'paid',
      // This provider has no word for "not found": it is asked three times before anything new is sent.
      { withinMs: 300_000 },
    )
}

async function timesArrived(rail: RailProgram): Promise<readonly number[]> {
  return (await rail.books()).map(({ timesArrived: times }) => times)
}

async function runCli(house: House, databaseUrl: string, ...argv: readonly string[]) {
  await using program = startProgram(argv, { ...house.environment(), DATABASE_URL: databaseUrl })
  const { code } = await program.ended
  return { code, out: program.out(), problems: program.problems() }
}

async function startPostgres(dataDir: string) {
  const started = await startEmbedded({ dataDir, log: () => {} })
  if (!started.ok) throw new Error(started.why)
  return started.server
}

test('a restored copy sends nothing, finds every payment that it forgot, and pays none twice', {
  timeout: 900_000,
}, async () => {
  const folders = [await temporaryFolder(), await temporaryFolder()] as const
  const [live, copy] = folders
  await using rail = await startRail()
  await using stack = new AsyncDisposableStack()
  stack.defer(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })
  let postgres = await startPostgres(live)
  stack.defer(() => postgres.stop())
  const setUp = openPool({ url: postgres.url, size: 1, applicationName: 'test', log: { warn: () => {} } })
  await migrate(setUp, { folder: MIGRATIONS, log: () => {} })
  await setUp.end()
  const house = await openHouse({ railUrl: rail.url, database: { url: postgres.url, drop: async () => {} } })
  // The database goes away below it: what it needs is set up, and its connections end here.
  await house.pool.end()
  stack.defer(() => rm(house.dataDir, { recursive: true }))

  {
    await using server = await startServer(house, { databaseUrl: postgres.url })
    await submit(server.url, 'before')
    await paid(server.url, 'before')
  }
  {
    await using server = await startServer(house, { databaseUrl: postgres.url, argv: ['--intake-only'] })
    for (const reference of QUEUED) await submit(server.url, reference)
  }
  await postgres.stop()
  await copyCluster(live, copy)
  postgres = await startPostgres(live)
  {
    await using server = await startServer(house, { databaseUrl: postgres.url })
    await submit(server.url, 'forgotten')
    await paid(server.url, ...QUEUED, 'forgotten')
  }
  await postgres.stop()
  expect(await timesArrived(rail)).toEqual([1, 1, 1, 1, 1])

  postgres = await startPostgres(copy)
  const { url } = postgres
  await using server = await startServer(house, { databaseUrl: url })
  await server.program.until(/"differs":"position"/, 180_000)
  await submit(server.url, 'new')
  // Found by journal or by asking, settled by asking; the merchant's repeat of what was forgotten is no second payment,
  // and another payout that got its number is not taken for it.
  await submit(server.url, 'forgotten')
  await paid(server.url, ...QUEUED, 'forgotten')
  expect(await findNative(server.url, 'new')).toMatchObject({ state: 'queued' })
  expect(await timesArrived(rail)).toEqual([1, 1, 1, 1, 1])

  const shown = await runCli(house, url, 'safe-mode')
  expect(shown).toMatchObject({
    code: 1,
    out: expect.stringMatching(new RegExp(`${ACCOUNT}: in safe mode since`)),
  })
  expect(shown.out).toMatch(/unknown: 1 payments of which this database knows nothing/)
  const more = { DATABASE_URL: url }
  const ana = await addPerson(house, 'Ana', 'operator', more)
  const ben = await addPerson(house, 'Ben', 'approver', more)
  const release = ['safe-mode', 'release', '--provider-account', ACCOUNT, '--why', 'all of it was found']
  expect(await releaseOn(house, release, [ana, ana], more)).toMatchObject({ code: 1 })
  expect(await findNative(server.url, 'new')).toMatchObject({ state: 'queued' })
  // The auditor has passed over everything since by itself, or does so soon.
  await eventually(
    'two may release it',
    () => releaseOn(house, release, [ana, ben], more),
    ({ code }) => code === 0,
    { withinMs: 120_000, everyMs: 2_000 },
  )
  await paid(server.url, 'new')
  expect(await timesArrived(rail)).toEqual([1, 1, 1, 1, 1, 1])
})

/** Files as they are, with their owners: under root the server runs as another user. */
async function copyCluster(live: string, copy: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', join(live, 'postgres'), join(live, 'postgres.password'), copy])
}
