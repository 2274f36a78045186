// The API as the console meets it: sessions, people, merchants and payouts over one database, without a socket.
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { mountApi } from '../src/api/api.ts'
import { createConsoleDesk } from '../src/desk/console.ts'
import { createDesk } from '../src/desk/desk.ts'
import { createDirectory } from '../src/desk/directory.ts'
import { createServer } from '../src/http/server.ts'
import { systemClock } from '../src/lib/clock.ts'
import { createLog } from '../src/lib/log.ts'
import { systemRandom } from '../src/lib/random.ts'
import { createSeal } from '../src/lib/seal.ts'
import type { Role } from '../src/payout/role.ts'
import { openConsoleStore } from '../src/store/console-store.ts'
import { openTestPeople, type TestPeople, type TestPerson } from './people-kit.ts'
import { openTestSignIn, PASSWORD, type TestSignIn } from './sign-in-kit.ts'
import { ACCOUNT, BDT, MERCHANT, openTestStore, SEAL_KEY, type TestStore } from './store-kit.ts'

export const ORIGIN = 'https://console.example'

export interface Visitor {
  readonly person: TestPerson & { readonly email: string }
  /** Headers of a read, and of a write. */
  readonly cookie: string
  readonly token: string
  get(path: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  post(path: string, body?: object, headers?: Record<string, string>): Promise<LightMyRequestResponse>
}

export interface TestConsole {
  readonly db: TestStore
  readonly people: TestPeople
  readonly signIn: TestSignIn
  readonly server: FastifyInstance
  /** How often somebody was told that something is due. */
  wakes(): number
  visitor(roles: readonly Role[], merchantId?: string | null): Promise<Visitor>
  visit(person: Visitor['person']): Promise<Visitor>
  /** Reads what is configured anew. */
  refresh(): Promise<void>
  readonly lines: readonly string[]
  close(): Promise<void>
}

export async function openTestConsole({ sandbox = false }: { sandbox?: boolean } = {}): Promise<TestConsole> {
  const db = await openTestStore(100_000_000n)
  await db.store.putMerchant({ merchantId: 'm_other', name: 'Other', active: true })
  await db.store.putProviderAccount({
    ...{ id: ACCOUNT, protocol: 'paypro', name: 'Test', baseUrl: 'http://127.0.0.1:1', settings: {} },
    ...{ callbackSecret: 's', ratePerSecond: null, concurrency: null, active: true },
  })
  const route = { providerAccountId: ACCOUNT, priority: 1, currency: BDT, method: 'bkash', active: true }
  await db.store.putRoute({ ...route, merchantId: MERCHANT })
  const lines: string[] = []
  const log = createLog({ level: 'trace', destination: { write: (line: string) => lines.push(line) } })
  const people = openTestPeople(db)
  const signIn = openTestSignIn(db, people, { sandbox })
  const directory = await createDirectory({ store: db.store, clock: systemClock, log })
  let wakes = 0
  const desk = createDesk({
    ...{ store: db.store, directory, clock: systemClock, random: systemRandom, log },
    onAccepted: () => {},
    drawReceipt: async payout => Buffer.from(`picture of ${payout.reference}`),
    noticesFor: () => [],
  })
  const consoleDesk = createConsoleDesk({
    console: openConsoleStore({ pool: db.pool, reads: db.pool, seal: createSeal([SEAL_KEY]) }),
    people: people.people,
    clock: systemClock,
    merchants: () => directory.configuration().merchants,
    wake: () => {
      wakes += 1
    },
  })
  const server = createServer({ log, clock: systemClock, random: systemRandom })
  mountApi(server, {
    ...{ desk, directory, people: people.desk, clock: systemClock, log, livemode: false },
    sessions: { ...signIn.desk, sandbox, origins: () => [ORIGIN] },
    console: consoleDesk,
  })
  await server.ready()

  async function visit(person: Visitor['person']): Promise<Visitor> {
    const answer = await server.inject({
      method: 'POST',
      url: '/v1/session',
      headers: { 'content-type': 'application/json', origin: ORIGIN },
      payload: JSON.stringify({ email: person.email, password: PASSWORD, code: person.code() }),
    })
    if (answer.statusCode !== 200) throw new Error(answer.body)
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
    const { token } = answer.json()
    const writes = { cookie, origin: ORIGIN, 'quittance-token': token }
    return {
      ...{ person, cookie, token },
      get: (path, headers = {}) => server.inject({ url: `/v1${path}`, headers: { cookie, ...headers } }),
      post: (path, body, headers = {}) =>
        server.inject({
          ...{ method: 'POST', url: `/v1${path}` },
          headers: { ...writes, ...(body === undefined ? {} : JSON_TYPE), ...headers },
          ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
        }),
    }
  }
  return {
    ...{ db, people, signIn, server, lines, visit },
    wakes: () => wakes,
    visitor: async (roles, merchantId) => visit(await signIn.person(roles, merchantId)),
    refresh: () => directory.refresh(),
    async close() {
      await server.close()
      await directory.stop()
      await db.close()
    },
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }
