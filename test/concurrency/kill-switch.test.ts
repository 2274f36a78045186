// The kill switch against sends that are under way. Two dispatchers send over a line that takes up to two seconds before
// a connection stands, so that at any moment many sends stand between their intent and their first byte. Every first
// byte is counted where it arrives: at a TCP sink in front of the provider.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Call } from '../../src/dispatch/call.ts'
import { followSwitches, SWITCH_AGE_MS_MAX, type Switches } from '../../src/dispatch/switches.ts'
import { tripAndWait } from '../../src/dispatch/trip.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { seededRandom } from '../../src/lib/random.ts'
import type { SwitchKey } from '../../src/payout/stop.ts'
import { FOLLOWER_LIMITS, openSwitchStore } from '../../src/store/switch-store.ts'
import { openWorld, PAID, type World } from '../dispatch-kit.ts'
import { type DatabaseLine, openLine } from '../line.ts'
import { releaseByTwo } from '../people-kit.ts'
import { eventually } from '../program.ts'

const ROUNDS = 20
const PAYOUTS = 60
const ON_THE_LINE_MS_MAX = 2_000
/** Long enough that many are still on it when the second is over, also on a slow machine. */
const ON_A_LONG_LINE_MS_MAX = 6_000
const GLOBAL: SwitchKey = { scope: 'global', id: '' }
const SILENT = { info: () => {}, warn: () => {}, error: () => {} }

test('after a trip is acknowledged no first byte arrives, in every round, and after the release all is paid once', {
  timeout: 300_000,
}, async () => {
  await using scene = await openScene()
  const { world, sink, slow } = scene
  for (const _ of [1, 2]) world.dispatcher({ call: slow.call, switches: await scene.follow() }).start()
  let stoppedOnTheWay = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    await world.accept(BigInt(round * PAYOUTS + 1), PAYOUTS)
    await eventually('many are under way', slow.waiting, count => count >= PAYOUTS / 3, { everyMs: 5 })
    const trip = { ...GLOBAL, by: 'ana', why: `round ${round}` }
    expect(await tripAndWait(trip, { store: world.db.store, clock: systemClock })).toBe('tripped')
    // What arrived before and was not looked at yet, because this process was busy, is looked at in its next turns.
    for (let turns = 0; turns < 3; turns += 1) await turn()
    const atAcknowledgement = sink.arrivals()
    const onTheWay = slow.waiting()
    await eventually('all have ended', slow.waiting, count => count === 0, { everyMs: 20 })
    await wait(100)
    expect({ round, arrivals: sink.arrivals() }).toEqual({ round, arrivals: atAcknowledgement })
    stoppedOnTheWay += onTheWay
    await release(world)
  }
  // Without any of these the rounds would have shown nothing.
  expect(stoppedOnTheWay).toBeGreaterThan(ROUNDS)
  await allPaid(world, ROUNDS * PAYOUTS)
  expect(sink.arrivals()).toBe(ROUNDS * PAYOUTS)
  expect(await world.broken()).toEqual([])
  const { rows } = await world.db.pool.query<{ kind: string; count: number }>(
    'select kind, count(*)::int as count from proof group by kind',
  )
  console.log(
    `${ROUNDS} rounds: ${stoppedOnTheWay} sends on the line at the acknowledgement, ${JSON.stringify(rows)}`,
  )
})

test.each<['is cut' | 'falls silent', (line: DatabaseLine) => unknown]>([
  ['is cut', line => line.cut()],
  ['falls silent', line => line.silence()],
])(
  'a process whose sight of the switch %s sends nothing after one second, and goes on by itself',
  {
    timeout: 120_000,
  },
  async (_, lose) => {
    await using scene = await openScene(ON_A_LONG_LINE_MS_MAX)
    const { world, sink, slow } = scene
    await using line = await openLine(world.db.url)
    const switches = await scene.follow(line.url)
    // It reads the switch over that line; everything else it reads and writes as always.
    world.dispatcher({ call: slow.call, switches }).start()
    await world.accept(1n, PAYOUTS)
    await eventually('many are under way', slow.waiting, count => count >= PAYOUTS / 3, { everyMs: 5 })
    await lose(line)
    await wait(SWITCH_AGE_MS_MAX)
    for (let turns = 0; turns < 3; turns += 1) await turn()
    const blind = sink.arrivals()
    expect(slow.waiting()).toBeGreaterThan(0)
    await world.accept(1_001n, PAYOUTS)
    await eventually('all have ended', slow.waiting, count => count === 0, { everyMs: 20 })
    await wait(1_000)
    expect(sink.arrivals()).toBe(blind)
    expect(switches.stopsAll()).toEqual({ kind: 'unseen' })

    await line.open()
    await allPaid(world, 2 * PAYOUTS)
    expect(sink.arrivals()).toBe(2 * PAYOUTS)
    expect(await world.broken()).toEqual([])
  },
)

// ---- the harness -----------------------------------------------------------------------------------------------

interface Scene extends AsyncDisposable {
  readonly world: World
  readonly sink: Sink
  readonly slow: SlowLine
  follow(databaseUrl?: string): Promise<Switches>
}

async function openScene(onTheLineMsMax = ON_THE_LINE_MS_MAX): Promise<Scene> {
  await using opening = new AsyncDisposableStack()
  const sink = opening.use(await openSink())
  const world = await openWorld({ account: { baseUrl: `http://127.0.0.1:${sink.port}` } })
  opening.defer(() => world.close())
  world.provider.onPay = () => PAID
  sink.passTo(world.provider.port)
  const closing = opening.move()
  return {
    world,
    sink,
    slow: slowLine(world, onTheLineMsMax),
    async follow(databaseUrl = world.db.url) {
      const store = openSwitchStore({
        ...{ url: databaseUrl, applicationName: 'test switches', log: SILENT },
        ...FOLLOWER_LIMITS,
      })
      const switches = await followSwitches({ store, clock: systemClock, log: SILENT })
      closing.defer(async () => {
        await switches.stop()
        await store.close()
      })
      return switches
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

interface SlowLine {
  readonly call: Pick<Call, 'callOnce' | 'ask'>
  /** Sends that are on their way to a connection. */
  waiting(): number
}

function slowLine(world: World, onTheLineMsMax: number): SlowLine {
  const random = seededRandom(31)
  let waiting = 0
  return {
    waiting: () => waiting,
    call: {
      ask: world.call.ask,
      async callOnce(request, limits, lastCheck) {
        waiting += 1
        try {
          await wait(random.below(onTheLineMsMax))
          return await world.call.callOnce(request, limits, lastCheck)
        } finally {
          waiting -= 1
        }
      },
    },
  }
}

interface Sink extends AsyncDisposable {
  readonly port: number
  /** Connections over which at least one byte came. */
  arrivals(): number
  passTo(port: number): void
}

async function openSink(): Promise<Sink> {
  let arrivals = 0
  let target = 0
  const open = new Set<Socket>()
  const server = createServer(client => {
    const provider = connect(target, '127.0.0.1')
    for (const socket of [client, provider]) {
      open.add(socket)
      socket
        .on('error', () => {})
        .on('close', () => {
          open.delete(socket)
          client.destroy()
          provider.destroy()
        })
    }
    client.once('data', () => {
      arrivals += 1
    })
    client.pipe(provider).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on a port')
  return {
    port: address.port,
    arrivals: () => arrivals,
    passTo(port) {
      target = port
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function release(world: World): Promise<void> {
  expect(await releaseByTwo(world.db, GLOBAL, 'the next round')).toBe('confirmed')
}

async function allPaid(world: World, all: number): Promise<void> {
  await eventually(
    'all are paid',
    async () => {
      const { rowCount } = await world.db.pool.query(`select from payout where state = 'paid'`)
      return rowCount
    },
    count => count === all,
  )
}
