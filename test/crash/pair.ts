// Two versions of the program on one database (SAFETY.md section 5, B6). The old one is at work when the new one migrates the
// database under it and joins. Then one of the two, by turns, is killed at a point while both are under load, and another takes
// its place; all books are judged as after every other kill.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startReceiver } from '../../src/cli/receiver.ts'
import { migrate, migrationState } from '../../src/store/migrate.ts'
import { type House, openHouse } from '../house.ts'
import { createMigratedDatabase, MIGRATIONS } from '../postgres.ts'
import { freePort, type Program } from '../program.ts'
import type { RailProgram } from '../rail.ts'
import { startClients } from './clients.ts'
import { judge, untilTold } from './judge.ts'
import {
  armed,
  type Bench,
  type CrashRun,
  type Draw,
  type Ground,
  portOf,
  RUN_SETTINGS,
  settled,
  untilKilled,
} from './run.ts'
import { createSpares, type Spares } from './spares.ts'
import { hurry, shiftTimes } from './times.ts'

interface Pair {
  readonly oldRoot: string
  readonly old: Spares
  readonly fresh: Spares
}

/** `oldRoot`: a checkout of an earlier commit with its packages. */
export function openPairBench(oldRoot: string): Bench {
  const pair: Pair = { oldRoot, old: createSpares(oldRoot), fresh: createSpares() }
  let turns = 0
  return {
    house: rail => pairHouse(oldRoot, rail),
    run(draw, ground) {
      turns += 1
      return pairOnce(draw, turns % 2 === 1 ? 'old' : 'new', ground, pair)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([pair.old[Symbol.asyncDispose](), pair.fresh[Symbol.asyncDispose]()])
    },
  }
}

function migrationsOf(root: string): URL {
  return pathToFileURL(join(root, 'src/store/migrations/'))
}

/** Set up by the old version, on a database as the old version has it. */
async function pairHouse(oldRoot: string, rail: RailProgram): Promise<House> {
  const load = (path: string): Promise<unknown> => import(pathToFileURL(join(oldRoot, path)).href)
  // Another checkout has modules of the same shape, or its run fails at once.
  const [old, seal] = await Promise.all([
    load('src/store/postgres-store.ts') as Promise<typeof import('../../src/store/postgres-store.ts')>,
    load('src/lib/seal.ts') as Promise<typeof import('../../src/lib/seal.ts')>,
  ])
  return openHouse({
    railUrl: rail.url,
    settings: RUN_SETTINGS,
    database: await createMigratedDatabase('pair', migrationsOf(oldRoot)),
    setUpBy: (pool, master) => old.openStore({ pool, seal: seal.createSeal([master]) }),
  })
}

async function pairOnce(
  { point, nth, name }: Draw,
  version: 'old' | 'new',
  { rail, house }: Ground,
  { oldRoot, old, fresh }: Pair,
): Promise<CrashRun> {
  const startedMs = Date.now()
  const earlier = new Set((await rail.books()).map(({ reference }) => reference))
  const orders = async () => (await rail.books()).filter(({ reference }) => !earlier.has(reference))
  await using closing = new AsyncDisposableStack()
  const receiver = await startReceiver()
  closing.defer(() => receiver.close())
  const killing = { at: point, nth, railPort: portOf(rail), receiverPort: portOf(receiver) }
  const start = async (from: Spares, port: number, isVictim: boolean): Promise<Program> => {
    const environment = house.environment({ PORT: `${port}` })
    const program = closing.use(await from.send({ environment, killing: isVictim ? killing : null }))
    await program.until(/"url"/)
    return program
  }

  const ports = { old: await freePort(), new: await freePort() }
  const first = await start(old, ports.old, version === 'old')
  const urls = [`http://127.0.0.1:${ports.old}`]
  const clientsOf = (wave: string) => {
    const clients = startClients({ urls: () => urls, name: `${name}-${wave}`, notifyUrl: receiver.url })
    closing.defer(() => clients.stop())
    return clients
  }
  const waves = [clientsOf('before')]
  await migrate(house.pool, { folder: MIGRATIONS, log: () => {} })
  const second = await start(fresh, ports.new, version === 'new')
  urls.push(`http://127.0.0.1:${ports.new}`)
  const victim = version === 'old' ? first : second
  await armed(victim)
  // Twice as many: the other one takes a part of them.
  waves.push(clientsOf('after'), clientsOf('more'))
  const allAnswered = () => waves.every(clients => clients.allAnswered())

  const { killed, passings, taken } = await untilKilled(house, victim, { allAnswered })
  await shiftTimes(house, victim.pid)
  // An old program does not start on a database that is newer than it: whoever falls is replaced by the new one then.
  const isNewer = (await migrationState(house.pool, migrationsOf(oldRoot))) === 'newer'
  await start(version === 'old' && !isNewer ? old : fresh, ports[version], false)

  const answered = await Promise.all(waves.map(({ done }) => done))
  const repeated = await Promise.all(waves.map(clients => clients.repeat()))
  const answers = { first: joined(answered), again: joined(repeated) }
  const matched = await settled(house, orders)
  await untilTold(house, () => hurry(house))
  const url = `http://127.0.0.1:${ports.new}`
  const judged = await judge(house, matched, { url, orders: await orders(), answers, taken })
  const { states, neverArrived } = matched
  return {
    ...{ point, nth, name, version, killed, passings, states, forPerson: neverArrived.length, ...judged },
    unjudged: null,
    durationMs: Date.now() - startedMs,
  }
}

function joined(maps: readonly ReadonlyMap<string, string>[]): ReadonlyMap<string, string> {
  return new Map(maps.flatMap(map => [...map]))
}
