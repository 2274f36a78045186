// Victims started ahead of their runs: while one run waits, the program of the next one is loaded.
import { fileURLToPath } from 'node:url'
import { type Program, startProgram } from '../program.ts'
import type { VictimOrders } from './victim.ts'

export interface Spares extends AsyncDisposable {
  /** One that is loaded and now told its orders; it has not said yet where it listens. */
  send(orders: VictimOrders): Promise<Program>
}

/** This checkout; another one may stand beside it in a run of two versions. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VICTIM = fileURLToPath(new URL('victim.ts', import.meta.url))
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/crash', import.meta.url))

export function createSpares(root = ROOT): Spares {
  const start = (): Program => startProgram([root], { NODE_COMPILE_CACHE: COMPILED }, VICTIM)
  let spare = start()
  return {
    async send(orders) {
      const program = spare
      await program.until(/^loaded$/m)
      program.tell(JSON.stringify(orders))
      spare = start()
      return program
    },
    [Symbol.asyncDispose]: () => spare[Symbol.asyncDispose](),
  }
}
