// A simulated provider as a process of its own, and its books as it prints them.
import type { PrintedOrder } from '../src/simulator/control.ts'
import { railCredential } from '../src/simulator/credentials.ts'
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
  options: { port?: number; latencyMs?: number; seed?: number } = {},
): Promise<RailProgram> {
  const { port = 0, latencyMs = 0, seed } = options
  const program = startProgram([
    ...['rail', '--protocol', 'paypro', '--exit-with-parent'],
    ...['--port', `${port}`, '--latency', `${latencyMs}`],
    ...(seed === undefined ? [] : ['--seed', `${seed}`]),
  ])
  const [, url = ''] = await program.until(/"url":"(http:[^"]+)"/)
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
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

/** How a provider account presents itself there. */
export function railSettings(): Record<string, string> {
  const credential = railCredential('paypro')
  if (credential === null) throw new Error('no provider is simulated')
  return {
    merchant_no: credential.publicId,
    secret: credential.secret,
    proven_refusals: '990010',
    returned_status: '990020',
  }
}
