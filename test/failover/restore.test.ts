// The database is restored from a copy that was taken before some payouts were sent. The program notices, sends nothing,
// finds what was sent at the provider and in its own journal, and pays nothing twice; then two people release it.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openAddress } from '../address.ts'
import { createNative, findNative } from '../client.ts'
import { ACCOUNT, type House, openHouse, startServer } from '../house.ts'
import { addPerson, releaseOn } from '../persons.ts'
import { temporaryFolder } from '../postgres.ts'
import { eventually, startProgram } from '../program.ts'
import { type RailProgram, startRail } from '../rail.ts'
import { hurry } from './look.ts'
import { copyCluster, makeMigrated } from './pair.ts'
import { type Cluster, startPostgres } from './postgres.ts'

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

/** This provider has no word for "not found": it is asked three times, 30 s apart, before anything new is sent. */
async function paid(house: House, url: string, ...references: readonly string[]): Promise<void> {
  for (const reference of references)
    await eventually(
      `${reference} is paid`,
      async () => {
        await hurry(house)
        return findNative(url, reference)
      },
      ({ state }) => state === 'paid',
      { withinMs: 300_000, everyMs: 250 },
    )
}

async function timesArrived(rail: RailProgram): Promise<readonly number[]> {
  return (await rail.books()).map(({ timesArrived: times }) => times)
}

async function runCli(house: House, ...argv: readonly string[]) {
  await using program = startProgram(argv, house.environment())
  const { code } = await program.ended
  return { code, out: program.out(), problems: program.problems() }
}

test('a restored copy sends nothing, finds every payment that it forgot, and pays none twice', {
  timeout: 900_000,
}, async () => {
  const folder = await temporaryFolder()
  await using rail = await startRail()
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const live = await makeMigrated(join(folder, 'live'))
  let postgres = await startPostgres(live)
  stack.defer(() => postgres.stop())
  // The address stays, whichever server answers there.
  await using address = await openAddress(postgres.port)
  const url = postgres.url.replace(`:${postgres.port}/`, `:${address.port}/`)
  await using house = await openHouse({ railUrl: rail.url, database: { url, drop: async () => {} } })
  const startAgain = async (cluster: Cluster) => {
    await postgres.stop()
    postgres = await startPostgres(cluster)
    address.pointTo(postgres.port)
  }

  {
    await using server = await startServer(house)
    await submit(server.url, 'before')
    await paid(house, server.url, 'before')
  }
  {
    await using server = await startServer(house, { argv: ['--intake-only'] })
    for (const reference of QUEUED) await submit(server.url, reference)
  }
  await postgres.stop()
  const copy = await copyCluster(live, join(folder, 'copy'))
  await startAgain(live)
  {
    await using server = await startServer(house)
    await submit(server.url, 'forgotten')
    await paid(house, server.url, ...QUEUED, 'forgotten')
  }
  expect(await timesArrived(rail)).toEqual([1, 1, 1, 1, 1])

  await startAgain(copy)
  await using server = await startServer(house)
  await server.program.until(/"differs":"position"/, 180_000)
  await submit(server.url, 'new')
  // Found by journal or by asking, settled by asking; the merchant's repeat of what was forgotten is no second payment,
  // and another payout that got its number is not taken for it.
  await submit(server.url, 'forgotten')
  await paid(house, server.url, ...QUEUED, 'forgotten')
  expect(await findNative(server.url, 'new')).toMatchObject({ state: 'queued' })
  expect(await timesArrived(rail)).toEqual([1, 1, 1, 1, 1])

  const shown = await runCli(house, 'safe-mode')
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
  await paid(house, server.url, 'new')
  expect(await timesArrived(rail)).toEqual([1, 1, 1, 1, 1, 1])
})
