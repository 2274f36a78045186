// The README as somebody follows it: its commands are pasted into a shell, in their order, while the demo runs, and what
// they print is what the page shows. `…` on the page stands for what differs from run to run.
import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, temporaryFolder } from './postgres.ts'
import { startProgram } from './program.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PRINTED_AT = 'http://127.0.0.1:8080'
const closing = new AsyncDisposableStack()
let folder = ''
let url = ''

beforeAll(async () => {
  const database = await createTestDatabase('readme')
  closing.defer(() => database.drop())
  folder = await temporaryFolder()
  closing.defer(() => rm(folder, { recursive: true }))
  // On the port that the page names, where it is free.
  const port = (await isTaken(8080)) ? '0' : '8080'
  const program = closing.use(
    startProgram(['demo', '--no-color', '--port', port, '--payouts', '1'], {
      DATABASE_URL: database.url,
      QUITTANCE_DATA_DIR: folder,
    }),
  )
  url = (await program.until(/ is up at (http:[^\s,]+)/, 90_000))[1] ?? ''
  await program.until(/The demo stays up/, 90_000)
  closing.defer(async () => {
    program.signal('SIGINT')
    await program.ended
  })
}, 120_000)
afterAll(() => closing.disposeAsync(), 60_000)

test('what the README pastes prints what the README shows', { timeout: 120_000 }, async () => {
  const page = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const part = page.slice(page.indexOf('## Four documents'), page.indexOf('## Run it'))
  const pairs = [...part.matchAll(/^```sh\n((?:(?!```).*\n)*)```\n```text\n((?:(?!```).*\n)*)```$/gm)]
  // Every command of this part is shown with what it prints.
  expect(pairs).toHaveLength(7)
  expect([...part.matchAll(/^```sh$/gm)]).toHaveLength(pairs.length)
  // One shell for all of them: what one defines, the next one uses. Whoever pastes takes longer than the provider.
  const script = pairs
    .map(([, commands = '']) => `${here(commands)}\necho; echo '${MARK}'\nsleep 2\n`)
    .join('')
  const printed = (await shell(script)).split(`${MARK}\n`)
  expect(printed).toHaveLength(pairs.length + 1)
  for (const [place, [, commands = '', shown = '']] of pairs.entries())
    expect(printed[place]?.trim(), commands).toMatch(pattern(shown.trim()))
})

test('every file that the README names is there', async () => {
  const page = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const links = [...page.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = '']) => path)
  expect(links.length).toBeGreaterThan(10)
  for (const path of links)
    await expect(readFile(new URL(`../${path}`, import.meta.url)).catch(codeOf)).resolves.not.toBe('ENOENT')
})

const MARK = '---- the next block ----'

/** The commands for where the demo runs now. A signature that covers the address is made for it. */
function here(commands: string): string {
  if (url === PRINTED_AT) return commands
  return commands
    .replaceAll(PRINTED_AT, url)
    .replaceAll('quittance -- sign "$@"', `quittance -- sign "$@" --url ${url}`)
}

function pattern(shown: string): RegExp {
  const parts = shown.split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[^\\n]*?')}$`)
}

function shell(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH ?? '', HOME: folder, QUITTANCE_DATA_DIR: folder }
    const options = { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024 }
    execFile('sh', ['-c', script], options, (error, out, problems) =>
      error === null ? resolve(out) : reject(new Error(`${error.message}\n${problems}\n${out}`)),
    )
  })
}

function isTaken(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
    socket.once('connect', () => socket.destroy())
  })
}

function codeOf(error: NodeJS.ErrnoException): string | undefined {
  return error.code
}
