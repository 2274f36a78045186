// Calls of the clients against one demo, and the waiting between them.
import { expect } from 'vitest'
import { eventually } from '../program.ts'
import { type Demo, MERCHANT_CONTROL, PAYPRO_SECRET, startDemo } from './demo.ts'
import { type ClientName, type Printed, runClient, startReceiver, type Told } from './python.ts'

/** Options of a client beside those of its place, which they win over. */
export type More = Readonly<Record<string, string>>

export interface Calls extends AsyncDisposable {
  /** Where the merchant's receiver listens. */
  readonly receiverUrl: string
  /** One call of a client. It fails where the client says that its document was not kept. */
  call(name: ClientName, more: More, argv: readonly string[]): Promise<Printed>
  /** Asks again until the answer holds what is wanted. */
  untilTold(name: ClientName, more: More, argv: readonly string[], wanted: object): Promise<Printed>
  /** The first callback that is meant; all that came so far were signed as the documents say. */
  untilCalled(protocol: Told['protocol'], isIt: (told: Told) => boolean): Promise<Told>
  /** The proof door calls it approved, and shows at least one picture of it. */
  expectProof(reference: string): Promise<void>
}

export async function openCalls(): Promise<Calls> {
  await using opening = new AsyncDisposableStack()
  const receiver = opening.use(
    await startReceiver(['--paypro-secret', PAYPRO_SECRET, '--merchant-control', MERCHANT_CONTROL]),
  )
  const demo = opening.use(await startDemo())
  const call = callsOf(demo)
  const closing = opening.move()
  return {
    receiverUrl: receiver.url,
    call,
    untilTold: (name, more, argv, wanted) =>
      eventually(
        `${name} ${argv.join(' ')} says ${JSON.stringify(wanted)}`,
        () => call(name, more, argv),
        printed => holds(printed, wanted),
        { everyMs: 500 },
      ),
    async untilCalled(protocol, isIt) {
      const calls = () =>
        receiver.calls().filter(told => told.protocol === protocol && told.valid && isIt(told))
      const [told] = await eventually(`the receiver is told by ${protocol}`, calls, all => all.length > 0)
      if (told === undefined) throw new Error('it was there a moment ago')
      expect(receiver.calls().filter(({ valid }) => !valid)).toEqual([])
      return told
    },
    async expectProof(reference) {
      const shown = await eventually(
        `there is proof of ${reference}`,
        () => call('proofapi', {}, ['get', '--order-id', reference]),
        printed => listAt(printed, 'proof_images').length > 0,
        { withinMs: PROOF_MS_MAX, everyMs: 1_000 },
      )
      expect(shown).toMatchObject({ status: 'success', order_id: reference, transaction_status: 'Approved' })
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

/** A picture of the provider is asked for a minute after the payment. */
const PROOF_MS_MAX = 100_000

function callsOf(demo: Demo): Calls['call'] {
  return async (name, more, argv) => {
    const { code, problem, printed } = await runClient(name, { ...demo.places[name], ...more }, argv)
    const what = `${name} ${argv.join(' ')}`
    expect({ what, code, problem }).toEqual({ what, code: 0, problem: '' })
    return printed ?? {}
  }
}

function holds(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted
  return Object.entries(wanted).every(([name, part]) => holds(at(value, name), part))
}

/** What a JSON object holds under a name, or undefined. */
export function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}

export function objectAt(value: unknown, name: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(at(value, name) ?? {}))
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = path.reduce(at, value)
  return Array.isArray(found) ? found : []
}
