// Two people who end a doubt for good, over HTTP, and repeat it until somebody answers. K39 dies under their hands.
import { setTimeout as sleep } from 'node:timers/promises'
import { findNative, type PayoutShown } from '../client.ts'
import { type House, MASTER } from '../house.ts'
import { openTestPeople, pdfGiven, type TestPerson } from '../people-kit.ts'

const AGAIN_MS = 150
const DECIDED_MS_MAX = 60_000
/** Each has three codes in a row. */
const APPROVERS = 4

/** Resolves when the payout of this reference is paid, by their word, or when they gave up; the books will say so. */
export async function decidePaid(
  house: House,
  url: string,
  { reference, signal }: { readonly reference: string; readonly signal: AbortSignal },
): Promise<void> {
  const { person } = openTestPeople(house, true, MASTER)
  const operator = await person(['operator'])
  // One after the other: each lifts a rule of the schema for a moment.
  const approvers: TestPerson[] = []
  while (approvers.length < APPROVERS) approvers.push(await person(['approver']))
  const endMs = Date.now() + DECIDED_MS_MAX
  let tries = 0
  let proposed: string | null = null
  while (!signal.aborted && Date.now() < endMs) {
    const payout = await orNull(() => findNative(url, reference))
    if (payout?.state === 'paid') return
    if (payout?.state === 'in_doubt') {
      const approver = approvers[tries % APPROVERS]
      // It takes another proposal where the payout has moved on, and the same one where nobody knows.
      proposed = (await orNull(() => propose(url, payout, operator))) ?? proposed
      if (proposed !== null && approver !== undefined) {
        tries += 1
        await orNull(() => call(url, `/decisions/${proposed}/confirm`, approver, null))
      }
    }
    await sleep(AGAIN_MS, undefined, { signal })
  }
}

async function propose(url: string, { id }: PayoutShown, operator: TestPerson): Promise<string | null> {
  const body = { verdict: 'paid', because: 'the letter of the provider', evidence: [pdfGiven()] }
  const answer = await call(url, `/payouts/${id}/decisions`, operator, body)
  return answer.status === 201 ? String(answer.body.id) : null
}

async function call(url: string, path: string, by: TestPerson, body: object | null) {
  const answer = await fetch(`${url}/v1${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${by.keys[0]}`,
      ...(body === null ? { 'quittance-one-time-code': by.code() } : { 'content-type': 'application/json' }),
    },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  })
  // The shape of the native API; a wrong one is no proposal.
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

/** Null where the line broke: nobody knows what was done. */
async function orNull<Value>(ask: () => Promise<Value>): Promise<Value | null> {
  try {
    return await ask()
  } catch {
    return null
  }
}
