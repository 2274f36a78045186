// The application as a process of its own that is killed at a named point. It is what `serve` runs, composed by the same
// `createApp`; only its notices may go to this machine, as in the demo, because the merchant of the harness lives here.
import { flushCompileCache } from 'node:module'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { createLog } from '../../src/lib/log.ts'
import { killAt } from './killer.ts'
import { isPoint } from './points.ts'

const { CRASH_AT: at = '', CRASH_NTH = '1', RAIL_PORT = '', RECEIVER_PORT = '' } = process.env
if (isPoint(at))
  killAt({
    at,
    nth: Number.parseInt(CRASH_NTH, 10),
    railPort: Number.parseInt(RAIL_PORT, 10),
    receiverPort: Number.parseInt(RECEIVER_PORT, 10),
  })
// Whoever started this process may have been killed itself: its end is the end of our standard input.
process.stdin.resume().once('close', () => process.exit(1))

// The start is most of a run: what was compiled is kept now, because a process that is killed keeps nothing at its end.
flushCompileCache()

const read = readConfig(process.env, 'serve')
if (!read.ok || read.config.databaseUrl === null) throw new Error('the harness configured its victim wrongly')
const app = await createApp({
  config: { ...read.config, allowLoopbackTargets: true },
  databaseUrl: read.config.databaseUrl,
  log: createLog({ level: 'warn' }),
  roles: { gateway: true, worker: true },
})
console.log(JSON.stringify({ url: app.url }))
