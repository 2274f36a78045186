// P8: from the command to the moment at which it says that it is ready, as anybody would start it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/lib/clock.ts'
import { collector, type Part } from './figures.ts'
import { openLab } from './lab.ts'
import { BENCH_SEAL_KEY } from './merchant.ts'

const MAIN = new URL('../src/main.ts', import.meta.url).pathname
const MASTER_KEY = `${BENCH_SEAL_KEY.id}:${Buffer.from(BENCH_SEAL_KEY.key).toString('base64')}`
const READY_MS_MAX = 120_000
const POLL_MS = 5

export const start: Part = {
  name: 'start',
  about: 'demo and serve, from the command to ready (P8)',
  async run(options) {
    const first = collector('start', 'demo, the first time', 's', { goal: 'P8: 4 s' })
    const again = collector('start', 'demo, again', 's', { goal: 'P8: 4 s' })
    const serve = collector('start', 'serve', 's', { goal: 'P8: 1.5 s' })
    for (let run = 1; run <= options.runs; run += 1) {
      const dataDir = await mkdtemp(join(tmpdir(), 'quittance-bench-'))
      try {
        first.add(await ready(['demo', '--payouts', '1'], { QUITTANCE_DATA_DIR: dataDir }))
        again.add(await ready(['demo', '--payouts', '1'], { QUITTANCE_DATA_DIR: dataDir }))
      } finally {
        await rm(dataDir, { recursive: true, force: true })
      }
    }
    await using lab = await openLab()
    for (let run = 1; run <= options.runs; run += 1)
      serve.add(await ready(['serve'], { DATABASE_URL: lab.databaseUrl, QUITTANCE_MASTER_KEY: MASTER_KEY }))
    const figures = [first, again, serve].map(one => one.figure())
    for (const { name, values } of figures)
      options.say(`${name}: ${values.map(s => s.toFixed(2)).join(', ')} s`)
    return figures
  },
}

/** Seconds until it answers that it is ready. */
async function ready(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const port = await freePort()
  const begun = systemClock.monotonic()
  const child = spawn(process.execPath, [MAIN, ...argv], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', PORT: String(port), ...environment },
  })
  try {
    while (!(await isReady(port))) {
      if (child.exitCode !== null) throw new Error(`${argv.join(' ')} ended with status ${child.exitCode}`)
      if (systemClock.monotonic() - begun > READY_MS_MAX) throw new Error(`${argv.join(' ')} is not ready`)
      await systemClock.sleep(POLL_MS)
    }
    return (systemClock.monotonic() - begun) / 1000
  } finally {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`)
    await answer.arrayBuffer()
    return answer.status === 200
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
