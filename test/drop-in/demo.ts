// The demo as a process over a database of its own, with the documented credentials: what a client is pointed at.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestDatabase, temporaryFolder } from '../postgres.ts'
import { startProgram } from '../program.ts'
import type { ClientName } from './python.ts'

export interface Demo extends AsyncDisposable {
  readonly url: string
  /** How a client presents itself at each door. */
  readonly places: Readonly<Record<ClientName, Readonly<Record<string, string>>>>
}

export const PAYPRO_SECRET = 'sandbox-paypro-secret'
export const MERCHANT_CONTROL = 'sandbox-merchant-control'
const START_MS_MAX = 90_000

export async function startDemo(): Promise<Demo> {
  await using opening = new AsyncDisposableStack()
  const database = await createTestDatabase('dropin')
  opening.defer(() => database.drop())
  const folder = await temporaryFolder()
  opening.defer(() => rm(folder, { recursive: true }))
  const program = opening.use(
    startProgram(['demo', '--no-color', '--port', '0', '--payouts', '1'], {
      DATABASE_URL: database.url,
      QUITTANCE_DATA_DIR: folder,
    }),
  )
  const [, url = ''] = await program.until(/ is up at (http:[^\s,]+)/, START_MS_MAX)
  await program.until(/The demo stays up/, START_MS_MAX)
  // Asked first, so that the simulated providers end as well; the stack above kills only what has not gone by then.
  opening.defer(async () => {
    program.signal('SIGINT')
    await program.ended
  })
  const closing = opening.move()
  const base = { 'base-url': url }
  return {
    url,
    places: {
      paypro: { ...base, 'merchant-no': '1000000001', secret: PAYPRO_SECRET },
      avanor: { ...base, 'shop-id': '202203', secret: 'account-secret-key' },
      payneteasy: {
        ...base,
        ...{ login: 'test-merchant', 'consumer-key': 'test-merchant' },
        key: join(folder, 'sandbox', 'payneteasy-private-key.pem'),
      },
      proofapi: {
        ...base,
        ...{ 'api-key': 'sandbox-proof-api-key', pid: 'PID001', secret: 'sandbox-proof-secret' },
      },
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}
