// The switch under load, as a process of its own: the whole application on a given database, taking payouts in and sending
// none. Prints its address when it is up; stops when its standard input closes.
import { parseArgs } from 'node:util'
import { createApp } from '../src/app.ts'
import { createLog } from '../src/lib/log.ts'
import { BENCH_SEAL_KEY } from './merchant.ts'

const { values } = parseArgs({
  options: { 'database-url': { type: 'string' }, 'batch-max': { type: 'string' } },
})
const databaseUrl = values['database-url'] ?? ''
const batchMax = values['batch-max']

const app = await createApp({
  config: {
    mode: 'demo',
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    doorUrls: [],
    databaseUrl,
    dataDir: '',
    masterKeys: [BENCH_SEAL_KEY],
    logLevel: 'warn',
    allowLoopbackTargets: true,
    stopWithinMs: 30_000,
  },
  databaseUrl,
  log: createLog({ level: 'warn' }),
  roles: { gateway: true, worker: false },
  ...(batchMax === undefined ? {} : { intakeBatchMax: Number.parseInt(batchMax, 10) }),
})
process.stdout.write(`${JSON.stringify({ url: app.url })}\n`)
process.stdin.on('end', () => void app.stop().then(() => process.exit(0)))
process.stdin.resume()
