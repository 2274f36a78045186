// A simulated provider as a process of its own, and its books as it prints them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SandboxKeyRing } from '../src/cli/sandbox-keys.ts'
import { newRsaKeys } from '../src/lib/rsa.ts'
import { PROTOCOLS, protocolNamed } from '../src/protocols/registry.ts'
import type { PrintedOrder } from '../src/simulator/control.ts'
import { type Program, startProgram } from './program.ts'

export interface RailProgram extends AsyncDisposable {
  readonly url: string
  readonly program: Program
  books(): Promise<readonly PrintedOrder[]>
  /** Sets a fault by name: a behaviour of the rail, or something that happens on the line. */
  fault(fault: { name: string; rate?: string; count?: number; path?: string }): Promise<void>
  /** Those that are set; `count` is how often each may still strike. */
  faults(): Promise<readonly { readonly name: string; readonly count: number | null }[]>
}

export async function startRail(
  options: { protocol?: string; port?: number; latencyMs?: number; seed?: number } = {},
): Promise<RailProgram> {
  const { protocol = 'paypro', port = 0, latencyMs = 0, seed } = options
  await using closing = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'quittance-rail-'))
  closing.defer(() => rm(folder, { recursive: true }))
  const publicKey = TEST_KEYS.get(protocol)?.rail.publicKey
  if (publicKey !== undefined) await writeFile(join(folder, 'public.pem'), publicKey)
  const program = closing.use(
    startProgram([
      ...['rail', '--protocol', protocol, '--exit-with-parent'],
      ...['--port', `${port}`, '--latency', `${latencyMs}`],
      ...(seed === undefined ? [] : ['--seed', `${seed}`]),
      ...(publicKey === undefined ? [] : ['--public-key', join(folder, 'public.pem')]),
    ]),
  )
  const [, url = ''] = await program.until(/"url":"(http:[^"]+)"/)
  const stack = closing.move()
  return {
    url,
    program,
    async books() {
      const answer = await fetch(`${url}/_rail/books`)
      // Printed by simulator/control.ts, in a process that this test started.
      return ((await answer.json()) as { orders: readonly PrintedOrder[] }).orders
    },
    async fault(fault) {
      const answer = await fetch(`${url}/_rail/faults`, { method: 'POST', body: JSON.stringify(fault) })
      if (!answer.ok) throw new Error(`the fault was not set: ${await answer.text()}`)
    },
    async faults() {
      const answer = await fetch(`${url}/_rail/faults`)
      // As above.
      return ((await answer.json()) as { faults: readonly { name: string; count: number | null }[] }).faults
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  }
}

/** Keys for each protocol that signs with them, fresh for this test run: the merchant's, and ours at the rail. */
export const TEST_KEYS: SandboxKeyRing = new Map(
  PROTOCOLS.filter(({ sandbox }) => sandbox?.needsKeys === true).map(({ name }) => [
    name,
    { merchant: newRsaKeys(), rail: newRsaKeys() },
  ]),
)

/** How a provider account presents itself there. */
export function railSettings(protocol = 'paypro'): Readonly<Record<string, string>> {
  const rail = protocolNamed(protocol)?.sandbox?.rail
  if (rail === undefined) throw new Error('no such provider is simulated')
  return rail.accountSettings(TEST_KEYS.get(protocol)?.rail ?? null)
}
