// The switch under load, as a process of its own: the whole application on a given database. Prints its address when it
// is up; stops when its standard input closes.
import { createApp } from '../src/app.ts'
import { createLog } from '../src/lib/log.ts'
import { BENCH_SEAL_KEY } from './merchant.ts'
import { planOf, serveLines, tell } from './spawned.ts'
import type { SwitchPlan } from './switch-plan.ts'

const plan = await planOf<SwitchPlan>()
const log = createLog({ level: 'warn', destination: process.stderr })

const app = await createApp({
  config: {
    mode: 'demo',
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    doorUrls: [],
    databaseUrl: plan.databaseUrl,
    dataDir: plan.dataDir,
    masterKeys: [BENCH_SEAL_KEY],
    logLevel: 'warn',
    allowLoopbackTargets: true,
    stopWithinMs: 30_000,
  },
  databaseUrl: plan.databaseUrl,
  log,
  roles: { gateway: plan.gateway, worker: plan.worker },
  ...(plan.batchMax === undefined ? {} : { intakeBatchMax: plan.batchMax }),
})
tell({ url: app.url })
await serveLines(
  () => ({ heapMiB: process.memoryUsage().heapUsed / 2 ** 20 }),
  () => app.stop(),
)
