// One failover: payouts come in and go out, the primary dies at a drawn moment with all its processes, the standby is
// promoted, the program finds it or is started again, safe mode stands until two people release it, and when nothing moves
// any more all books are laid side by side.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openAddress } from '../address.ts'
import { ACCOUNT, type House, openHouse } from '../house.ts'
import { addPerson, releaseOn, type Somebody } from '../persons.ts'
import { eventually, freePort } from '../program.ts'
import type { RailProgram } from '../rail.ts'
import { type Draw, drawRun, type Kind, ORDERS } from './draw.ts'
import { type Installation, startInstallation } from './installation.ts'
import { codesOf, judge, type Lost } from './judge.ts'
import { drawOrders, type Load, type Order, startLoad, submit } from './load.ts'
import { hurry, isSwept, rightsGiven, safeModeSign } from './look.ts'
import { type Pair, startPair } from './pair.ts'
import type { Cluster } from './postgres.ts'

export interface FailoverRun {
  readonly draw: Draw
  readonly acknowledged: number
  /** Acknowledged, and not in the promoted database: 0 behind a synchronous standby. */
  readonly lost: number
  /** Orders of the provider of which that database knew nothing until they were found. */
  readonly phantoms: number
  /** Paid more than once. */
  readonly double: number
  /** Payouts left in doubt for a person, because the provider never heard of them. */
  readonly forPerson: number
  readonly states: Readonly<Record<string, number>>
  readonly sign: string | null
  /** From the order to promote until writes were taken. */
  readonly promotionMs: number
  /** From the kill to the first acknowledgement behind it, the time until somebody noticed included. */
  readonly outageMs: number
  /** The longest that one client waited for its acknowledgement. */
  readonly waitedMs: number
  readonly refused: number
  readonly broken: number
  /** A sentence for each guarantee that did not hold; empty where all did. */
  readonly breaches: readonly string[]
  readonly durationMs: number
}

/** @param name begins the references of this run; unique at this rail. `migrated`: copied for the run. */
export async function failoverOnce(options: {
  readonly kind: Kind
  readonly seed: number
  readonly name: string
  readonly rail: RailProgram
  readonly migrated: Cluster
  readonly folder: string
  readonly count?: number
  readonly main?: string
  /** What is promised; left out: what the kind promises. */
  readonly judgedAs?: Kind
}): Promise<FailoverRun> {
  const { kind, seed, name, rail, migrated, count = ORDERS, main, judgedAs = kind } = options
  const startedMs = Date.now()
  const { draw, random } = drawRun(kind, seed, count)
  const earlier = new Set((await rail.books()).map(({ reference }) => reference))
  const books = async () => (await rail.books()).filter(({ reference }) => !earlier.has(reference))

  await using closing = new AsyncDisposableStack()
  const pair = closing.use(
    await startPair(migrated, { dataDir: join(options.folder, name), waits: draw.waits }),
  )
  const address = closing.use(await openAddress(pair.primary.port))
  const databaseUrl = draw.address === 'list' ? pair.urlOfBoth : pair.urlThrough(address.port)
  // What this harness itself asks finds the primary by the list, whichever way the program goes.
  const house = closing.use(
    await openHouse({
      railUrl: rail.url,
      settings: { timeout_total_ms: '2000' },
      database: { url: pair.urlOfBoth, drop: async () => {} },
    }),
  )
  const port = await freePort()
  const start = () =>
    startInstallation(house, {
      shape: draw.shape,
      port,
      databaseUrl,
      ...(main === undefined ? {} : { main }),
    })
  let installation = await start()
  closing.defer(() => installation.kill())
  const more = { DATABASE_URL: databaseUrl }
  const two = [
    await addPerson(house, 'Ana', 'operator', more),
    await addPerson(house, 'Ben', 'approver', more),
  ] as const
  const orders = drawOrders(random, name, count)
  const load = startLoad(installation.url, orders, random)
  closing.defer(() => load.stop())

  const killedAtMs = await killAtDrawnMoment(draw, pair, load)
  if (draw.restarts) await installation.kill()
  await sleep(draw.noticedAfterMs)
  const promotionMs = await pair.standby.promote()
  address.pointTo(pair.standby.port)
  if (draw.restarts) installation = await start()
  await load.done

  const lost = await lostOf(house, load, orders)
  const found = await untilReleased({ house, installation, lost, killedAtMs, books, two })
  const judged = await settle(house, () =>
    judge({ house, books, orders, acknowledged: load.acknowledged, lost, kind: judgedAs }),
  )
  const after = [...load.acknowledged.values()].map(({ atMs }) => atMs).filter(atMs => atMs > killedAtMs)
  return {
    draw,
    acknowledged: load.acknowledged.size,
    lost: lost.references.length,
    ...{
      phantoms: judged.phantoms,
      double: judged.double,
      forPerson: judged.forPerson,
      states: judged.states,
    },
    ...{ sign: found.sign, promotionMs },
    outageMs: after.length === 0 ? 0 : Math.min(...after) - killedAtMs,
    waitedMs: Math.max(0, ...[...load.acknowledged.values()].map(({ waitedMs }) => waitedMs)),
    ...{ refused: load.refused(), broken: load.broken() },
    breaches: [...found.breaches, ...judged.breaches],
    durationMs: Date.now() - startedMs,
  }
}

/** @returns when nothing of the primary was there any more */
async function killAtDrawnMoment(draw: Draw, pair: Pair, load: Load): Promise<number> {
  await Promise.race([
    eventually(
      'so many are acknowledged',
      () => load.acknowledged.size,
      size => size >= draw.killAfter,
      {
        withinMs: 300_000,
        everyMs: 5,
      },
    ),
    // It ends early only where it went wrong.
    load.done,
  ])
  await sleep(draw.killLaterMs)
  if (draw.kind === 'asynchronous') {
    await pair.cutStream()
    await sleep(draw.lostMs)
  }
  await pair.primary.kill()
  return Date.now()
}

/** Orders whose acknowledgement names a payout that the promoted database does not hold. */
async function lostOf(house: House, load: Load, orders: readonly Order[]): Promise<Lost> {
  const codes = await eventually(
    'the promoted database is read',
    () => codesOf(house).catch(() => null),
    found => found !== null,
  )
  const references = orders.map(({ reference }) => reference)
  const isLost = (reference: string) => {
    const code = load.acknowledged.get(reference)?.code
    return code !== undefined && codes?.get(reference) !== code
  }
  return { orders, references: references.filter(isLost) }
}

/**
 * Waits as an operator does: until the sweep has asked everything, looks at what `quittance safe-mode` shows, and has two
 * people release it. Merchants whose payouts were lost repeat them, every other one before the release.
 */
async function untilReleased(of: {
  readonly house: House
  readonly installation: Installation
  readonly lost: Lost
  readonly killedAtMs: number
  readonly books: Parameters<typeof judge>[0]['books']
  readonly two: readonly [Somebody, Somebody]
}): Promise<{ readonly sign: string | null; readonly breaches: readonly string[] }> {
  const { house, installation, lost, killedAtMs, books, two } = of
  const again = lost.orders.filter(({ reference }) => lost.references.includes(reference))
  const breaches: string[] = []
  const sign = await eventually(
    'safe mode is entered',
    () => safeModeSign(house),
    found => found !== null,
    { withinMs: 180_000 },
  ).catch(() => null)
  if (sign === null) breaches.push('the failover was not noticed: no safe mode')
  await repeat(
    installation.url,
    again.filter((_, place) => place % 4 === 0),
  )
  if (sign !== null) {
    await eventually(
      'everything was asked for',
      () => isSwept(house),
      swept => swept,
      { withinMs: 300_000, everyMs: 250 },
    )
    const arrived = (await books()).length
    const shown = await installation.command('safe-mode')
    if (shown.code !== 1 || !shown.out.includes(`${ACCOUNT}: in safe mode`))
      breaches.push(`safe-mode ended with ${shown.code} and showed ${shown.out}${shown.problems}`)
    const later = (await books()).length - arrived
    if (later !== 0) breaches.push(`${later} orders arrived while everything was stopped`)
  }
  for (const reference of await rightsGiven(house, killedAtMs))
    breaches.push(`${reference} got a send right after the failover and before the release`)
  if (sign !== null) {
    // The auditor passes over everything by itself, and what was queued comes to its answers one after the other.
    const released = await eventually(
      'two may release it',
      async () => {
        await hurry(house)
        return releaseOn(house, RELEASE, two, { DATABASE_URL: installation.databaseUrl })
      },
      ({ code }) => code === 0,
      { withinMs: 300_000, everyMs: 1_000 },
    ).catch((problem: unknown) => ({ code: 1, problems: String(problem) }))
    if (released.code !== 0) breaches.push(`the release was refused: ${released.problems}`)
  }
  await repeat(
    installation.url,
    again.filter((_, place) => place % 4 === 1),
  )
  return { sign, breaches }
}

async function repeat(url: string, orders: readonly Order[]): Promise<void> {
  for (const order of orders)
    await eventually(
      'the repeat is taken',
      () => submit(url, order),
      code => !['refused', 'broken'].includes(code),
    )
}

/**
 * Hurries what waits until nothing is open; what is open when the time is over is a breach. Books that still move are not
 * judged: payouts and balances are two reads, and money may move between them.
 */
async function settle<
  Judged extends { readonly open: readonly string[]; readonly breaches: readonly string[] },
>(house: House, judgeNow: () => Promise<Judged>): Promise<Judged> {
  const endMs = Date.now() + SETTLED_MS_MAX
  for (;;) {
    await hurry(house)
    const judged = await judgeNow()
    if (judged.open.length === 0) return judgeNow()
    if (Date.now() > endMs)
      return { ...judged, breaches: [...judged.breaches, ...judged.open.map(one => `${one} is still open`)] }
    await sleep(250)
  }
}

const RELEASE = ['safe-mode', 'release', '--provider-account', ACCOUNT, '--why', 'all of it was found']
const SETTLED_MS_MAX = 300_000
