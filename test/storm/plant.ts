// Bugs that the storm must find: each is a patch to a copy of one file, made while the file is loaded.
import { type Patch, patchFiles } from '../patch.ts'

interface Planted extends Patch {
  readonly says: string
}

const onceMore = (says: string, again: string): Planted => ({
  says,
  file: 'src/dispatch/call.ts',
  from: '  function callOnce(request: WireRequest',
  to: `  async function callOnce(request: WireRequest, limits: CallLimits, lastCheck: () => boolean): Promise<CallResult> {
    const first = await callOnly(request, limits, lastCheck)
    return ${again} ? callOnly(request, limits, lastCheck) : first
  }

  function callOnly(request: WireRequest`,
})

/** Numbers as in SAFETY.md section 8. */
export const PLANTED: Readonly<Record<string, Planted>> = {
  '3': onceMore(
    'the HTTP client sends again when the connection closes early, or after a 421 or a 503 with Retry-After',
    "(first.kind === 'cut' && first.why === 'reset') || (first.kind === 'answered' && [421, 503].includes(first.status))",
  ),
  '4': onceMore('a redirect is followed', "first.kind === 'answered' && first.status === 307"),
  '25a': {
    says: 'a lost COMMIT answer inserts a new payout',
    file: 'src/desk/intake.ts',
    from: 'const verdicts = await store.acceptPayouts(batch)',
    to: `const verdicts = await store.acceptPayouts(batch).catch(() => store.acceptPayouts(batch.map(payout => ({
      ...payout, number: payout.number + 500n, reference: payout.reference + '-again', idempotencyKey: null }))))`,
  },
  '25b': {
    says: 'a warning at COMMIT is ignored',
    file: 'src/store/whole.ts',
    from: 'if (warned.delete(client)) throw',
    to: 'if (warned.delete(client) && false) throw',
  },
}

/** From now on whoever loads the file gets the patched copy. @throws where the patch does not fit exactly once */
export function plant(name: string): void {
  const patch = PLANTED[name]
  if (patch === undefined) throw new Error(`nothing is planted under the name ${name}`)
  patchFiles([patch])
}
