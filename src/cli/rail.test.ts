import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { startRailProcess } from './rail-process.ts'

// Each test starts processes of its own, which a busy machine is slow at.
vi.setConfig({ testTimeout: 60_000 })

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
type Child = ChildProcessByStdio<Writable, Readable, Readable>

const folder = mkdtempSync(join(tmpdir(), 'rail-'))
afterAll(() => rmSync(folder, { recursive: true }))

const children: Child[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

test('it says where it is in one JSON line, and serves there', async () => {
  const { url, child } = await rail()
  expect(new URL(url).hostname).toBe('127.0.0.1')
  const answer = await request(`${url}/_rail/health`)
  expect(await answer.body.json()).toMatchObject({ ok: true, orders: 0 })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('with --exit-with-parent it ends when its standard input is closed, without it it stays', async () => {
  const bound = await rail('--exit-with-parent')
  bound.child.stdin.end()
  expect(await once(bound.child, 'exit')).toEqual([0, null])
  const free = await rail()
  free.child.stdin.end()
  await systemClock.sleep(300)
  expect(free.child.exitCode).toBeNull()
})

test('with --exit-with-parent a signal ends it too, while its standard input is open', async () => {
  const { child } = await rail('--exit-with-parent')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('a port that is taken is one clear sentence and exit code 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const child = start('--port', String(port))
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  expect({ code, said }).toEqual({
    code: 1,
    said: `quittance rail: port ${port} is taken; choose another with --port, or 0 for any free one\n`,
  })
  taken.close()
})

test('the demo starts it, finds it and stops it; a protocol that is not simulated does not start', async () => {
  const started = await startRailProcess(options('paypro'))
  if (typeof started === 'string') throw new Error(started)
  expect((await request(`${started.url}/_rail/health`)).statusCode).toBe(200)
  await started.stop()
  await expect(request(`${started.url}/_rail/health`)).rejects.toThrow()
  expect(await startRailProcess(options('nobody'))).toMatch(/did not start/)
})

test('the first signal is waited out, the second one ends the process at once', async () => {
  const script = `import { stopSignal } from '${new URL('./stop.ts', import.meta.url)}'
    const stopping = stopSignal({ problem: text => console.error(text) }, 'one last thing')
    const open = setInterval(() => {}, 1000)
    console.log('up')
    await stopping
    console.log('stopping')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  children.push(child)
  await firstLine(child.stdout)
  child.kill('SIGINT')
  expect(await firstLine(child.stdout)).toBe('stopping')
  expect(child.exitCode).toBeNull()
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([1, null])
})

function options(protocol: string) {
  const booksPath = join(folder, `${protocol}.jsonl`)
  return { protocol, program: MAIN, port: 0, booksPath, publicKeyPath: null, clock: systemClock }
}

async function rail(...more: readonly string[]): Promise<{ url: string; child: Child }> {
  const child = start(...more)
  const line: unknown = JSON.parse(await firstLine(child.stdout))
  expect(line).toEqual({ rail: 'paypro', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) })
  const url = typeof line === 'object' && line !== null && 'url' in line ? String(line.url) : ''
  return { url, child }
}

function start(...more: readonly string[]): Child {
  const child = spawn(process.execPath, [MAIN, 'rail', '--protocol', 'paypro', ...more], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  children.push(child)
  return child
}

async function firstLine(output: Readable): Promise<string> {
  const [chunk] = await once(output, 'data')
  return String(chunk).split('\n')[0] ?? ''
}

async function text(output: Readable): Promise<string> {
  let all = ''
  for await (const chunk of output) all += chunk
  return all
}
