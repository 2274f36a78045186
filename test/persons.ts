// Persons as they come into an installation: added by the command on the host, with a key and an authenticator of their own.
import { createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { House } from './house.ts'
import { startProgram } from './program.ts'

/** Runs one command of the program as somebody on the host. */
export async function commandOn(
  house: Pick<House, 'environment'>,
  argv: readonly string[],
  more: Readonly<Record<string, string>> = {},
) {
  await using program = startProgram(argv, house.environment({ LOG_LEVEL: 'warn', ...more }))
  const { code } = await program.ended
  return { code, out: program.out(), problems: program.problems() }
}

export interface Somebody {
  readonly personId: string
  readonly key: string
  readonly seed: Buffer
  /** Of now, or of the step after: each is taken, and each once. */
  codeAt(stepsLater: number): string
}

/** From what the command prints, as somebody would who adds it to an authenticator. */
export async function addPerson(
  house: Pick<House, 'environment'>,
  name: string,
  role: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Somebody> {
  const { out, problems } = await commandOn(house, ['person', 'add', name, '--role', role], more)
  const personId = /^person +(pe_\w+)$/m.exec(out)?.[1]
  const key = /^key +(qp_live_\w+)$/m.exec(out)?.[1]
  const secret = /[?&]secret=([A-Z2-7]+)&/.exec(out)?.[1]
  if (personId === undefined || key === undefined || secret === undefined) throw new Error(out + problems)
  const seed = fromBase32(secret)
  return { personId, key, seed, codeAt: later => totp(seed, Math.floor(Date.now() / 30_000) + later) }
}

/**
 * A release as two persons make it on the host: one runs this command, the other confirms what it proposed. Gives what the
 * confirmation said.
 */
export async function releaseOn(
  house: Pick<House, 'environment'>,
  argv: readonly string[],
  [ada, bo]: readonly [Somebody, Somebody],
  more: Readonly<Record<string, string>> = {},
) {
  await using folder = await temporaryFiles()
  const own = async ({ personId, key }: Somebody) => [
    ...['--person', personId],
    ...['--key-file', await folder.file(`${personId}.key`, `${key}\n`)],
  ]
  const proposed = await commandOn(house, [...argv, ...(await own(ada))], more)
  const id = /Proposed as (pr_\w{16})/.exec(proposed.out)?.[1]
  if (id === undefined) return proposed
  const said = await commandOn(house, ['confirm', id, ...(await own(bo)), '--code', bo.codeAt(0)], more)
  return { ...said, shown: proposed.out }
}

/** Files that are gone when the test is. */
export async function temporaryFiles() {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-people-'))
  return {
    async file(name: string, text: string): Promise<string> {
      await writeFile(join(folder, name), text)
      return join(folder, name)
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

/** RFC 6238, as a client writes it who shares no code with the program. */
function totp(seed: Buffer, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeUInt32BE(step, 4)
  const mac = createHmac('sha1', seed).update(counter).digest()
  const at = (mac.at(-1) ?? 0) & 15
  return `${(mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000}`.padStart(6, '0')
}

function fromBase32(text: string): Buffer {
  const bits = [...text]
    .map(letter => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2)))
}
