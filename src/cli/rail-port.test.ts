import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { keepPort, keptPort } from './rail-port.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-rail-port-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Time that passes only by waiting. */
function waitingClock() {
  let at = 0
  const waits: number[] = []
  const sleep = async (ms: number) => {
    waits.push(ms)
    at += ms
  }
  return { clock: { ...systemClock, monotonic: () => at, sleep }, waits }
}

async function listening() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

test('the port it had is its port again', async () => {
  const { server, port } = await listening()
  server.close()
  await once(server, 'close')
  const path = join(folder, 'again')
  await keepPort(path, `http://127.0.0.1:${port}`)
  expect(await keptPort(path, systemClock)).toBe(port)
})

test('a port that its predecessor still holds is waited for', async () => {
  const { server, port } = await listening()
  const path = join(folder, 'held')
  await writeFile(path, String(port))
  const { clock, waits } = waitingClock()
  const sleep = async (ms: number) => {
    await clock.sleep(ms)
    if (waits.length < 3) return
    server.close()
  }
  expect(await keptPort(path, { ...clock, sleep })).toBe(port)
  expect(waits.length).toBeGreaterThanOrEqual(3)
})

test('a port that stays taken is given up after a while, and any free one does', async () => {
  const { server, port } = await listening()
  const path = join(folder, 'taken')
  await writeFile(path, String(port))
  const { clock, waits } = waitingClock()
  expect(await keptPort(path, clock)).toBe(0)
  expect(waits.length).toBeGreaterThan(0)
  server.close()
})

test.each(['', 'eighty', '-1', '70000', '80\n'])('%j in the file is no port', async text => {
  const path = join(folder, 'odd')
  await writeFile(path, text)
  expect(await keptPort(path, systemClock)).toBe(0)
})

test('without a file there is none', async () => {
  expect(await keptPort(join(folder, 'absent'), systemClock)).toBe(0)
})
