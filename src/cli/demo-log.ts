// The demo's log, a file: between the lines that people read, alarms of the sample would only disturb.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { createLog, type Log } from '../lib/log.ts'

export type DemoLogNeeds = Pick<Config, 'dataDir' | 'logLevel'>

export function demoLogPath({ dataDir }: Pick<DemoLogNeeds, 'dataDir'>): string {
  return join(dataDir, 'demo.log')
}

/**
 * Opens it behind what is there. At this point nobody knows yet whether another demo runs in the folder, and that one's
 * log must stay whole.
 *
 * @param closing ends the file
 */
export async function openDemoLog(config: DemoLogNeeds, closing: AsyncDisposableStack): Promise<Log> {
  await mkdir(config.dataDir, { recursive: true })
  const file = createWriteStream(demoLogPath(config), { flags: 'a', mode: 0o600 })
  await once(file, 'open')
  closing.defer(() => new Promise<void>(resolve => file.end(resolve)))
  return createLog({ level: config.logLevel, destination: file })
}
