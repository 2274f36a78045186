// The port of a simulated provider, kept with its books. A real provider does not move because we restart: an attempt
// is asked about and paid only where it was sent, so at another address what is under way would wait for people.
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Clock } from '../lib/clock.ts'

/** One that was killed with its parent may still answer what it was asked; its successor waits for so long. */
const WAIT_MS_MAX = 8_000
const WAIT_STEP_MS = 100

/** The port it had before, once that is free; 0, for any free one, where it had none or somebody else has it now. */
export async function keptPort(path: string, clock: Clock): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const port = /^[0-9]{1,5}$/.test(text) ? Number.parseInt(text, 10) : 0
  if (port === 0 || port > 65_535) return 0
  const waitUntil = clock.monotonic() + WAIT_MS_MAX
  while (!(await isFree(port))) {
    if (clock.monotonic() >= waitUntil) return 0
    await clock.sleep(WAIT_STEP_MS)
  }
  return port
}

export async function keepPort(path: string, url: string): Promise<void> {
  await writeFile(path, new URL(url).port, { mode: 0o600 })
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ host: '127.0.0.1', port, exclusive: true })
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return true
  } catch {
    return false
  }
}
