// The story of the demo: create, pay, ask, prove, told across doors. What one client created in the words of one
// provider, others read in the words of the rest; and one payout is created by one call and paid by another.
import type { Clock } from '../lib/clock.ts'
import { isJsonObject, JsonNumber, type JsonValue, parseJson } from '../lib/json.ts'
import { behaviourNamed } from '../simulator/magic.ts'
import {
  answerField,
  payneteasyFields,
  payneteasyOrder,
  payneteasyRequest,
  payproFields,
} from './sample-send.ts'
import { askSandbox, type BuiltRequest, type SandboxClient } from './sandbox-client.ts'

export interface StoryNeeds {
  readonly client: SandboxClient
  readonly notifyUrl: string
  /** Makes the references of this run unlike those of every other. */
  readonly run: string
  readonly signal: AbortSignal
  readonly clock: Clock
}

export interface Story {
  readonly lines: readonly string[]
  /** Whether every answer was the one that it has to be. */
  readonly isRight: boolean
}

export async function tellStory(needs: StoryNeeds): Promise<Story> {
  const told = await Promise.all([tellAsked(needs), tellReleased(needs)])
  const steps = told.flat()
  return { lines: told.flatMap(storyLines), isRight: steps.every(({ isRight }) => isRight) }
}

interface Step {
  readonly door: string
  readonly does: string
  readonly answered: string
  readonly isRight: boolean
}

/** Created at one door, asked about at a second, proven at a third. */
async function tellAsked(needs: StoryNeeds): Promise<readonly Step[]> {
  const { client, notifyUrl } = needs
  const order = {
    reference: `story-${needs.run}-a`,
    beneficiary: { kind: 'wallet', operator: 'bkash', number: '01811111111' },
    amount: '310.50',
    currency: 'BDT',
  } as const
  const created = await ask(client.build('paypro', 'payout', payproFields(order, notifyUrl)))
  const code = at(created, 'data', 'platFormTradeNo')
  const shown = await ask({ request: client.native(`/payouts?reference=${order.reference}`) })
  const number = at(shown, 'data', 0, 'number')
  const status = await until(
    needs,
    () => askStatus(client, number),
    ({ status: said }) => said === '5',
  )
  return [
    {
      door: 'PayPro',
      does: `payout tradeNo ${order.reference}, ${order.amount} BDT to a bKash wallet`,
      answered: `code ${at(created, 'code')}, platFormTradeNo ${code}`,
      isRight: at(created, 'code') === '0000' && code !== '',
    },
    {
      door: 'Avanor',
      does: `status of withdraw_id ${number}`,
      answered: status.words,
      isRight: status.status === '5' && status.reference === order.reference,
    },
    await proofStep(client, order.reference),
  ]
}

/** Created by one call, paid by a second, and read back at every door. */
async function tellReleased(needs: StoryNeeds): Promise<readonly Step[]> {
  const { client } = needs
  const account = behaviourNamed('paid_at_once')?.bankAccount ?? ''
  const order = {
    reference: `story-${needs.run}-b`,
    beneficiary: { kind: 'bank_account', account, bank: 'SANDBOX-BANK', holder: null },
    amount: '75.25',
    currency: 'EUR',
  } as const
  const created = await form(payneteasyRequest(client, 'payout-check', order, payneteasyFields(order)))
  const orderId = created('paynet-order-id')
  const named = payneteasyOrder(order, orderId)
  const waiting = await form(payneteasyRequest(client, 'status', order, named))
  const held = await ask({ request: client.native(`/payouts?reference=${order.reference}`) })
  const paid = await form(payneteasyRequest(client, 'payout-pay', order, named))
  const status = await until(
    needs,
    () => askStatus(client, orderId),
    ({ status: said }) => said === '5',
  )
  const approved = await form(payneteasyRequest(client, 'status', order, named))
  const native = await ask({ request: client.native(`/payouts?reference=${order.reference}`) })
  const wait = at(held, 'data', 0, 'wait_reason')
  return [
    {
      door: 'Payneteasy',
      does: `payout-check client_orderid ${order.reference}, ${order.amount} EUR to a bank account`,
      answered: `${created('type')}, paynet-order-id ${orderId}`,
      isRight: created('type') === 'async-response' && orderId !== '',
    },
    {
      door: 'Payneteasy',
      does: `status of orderid ${orderId}`,
      answered: `${waiting('status')}; natively it is ${at(held, 'data', 0, 'state')} for ${wait}`,
      isRight: waiting('status') === 'processing' && wait === 'confirmation',
    },
    {
      door: 'Payneteasy',
      does: `payout-pay orderid ${orderId}`,
      answered: `${paid('type')}, serial-number ${paid('serial-number')}`,
      isRight: paid('type') === 'async-response',
    },
    {
      door: 'Avanor',
      does: `status of withdraw_id ${orderId}`,
      answered: status.words,
      isRight: status.status === '5' && status.reference === order.reference,
    },
    {
      door: 'Payneteasy',
      does: `status of orderid ${orderId}`,
      answered: approved('status'),
      isRight: approved('status') === 'approved',
    },
    await proofStep(client, order.reference),
    {
      door: 'native',
      does: `payout ${at(native, 'data', 0, 'id')}`,
      answered: `${at(native, 'data', 0, 'state')}, ${at(native, 'data', 0, 'amount')} EUR, by the door ${at(native, 'data', 0, 'door')}`,
      isRight: at(native, 'data', 0, 'state') === 'paid',
    },
  ]
}

async function askStatus(client: SandboxClient, number: string) {
  const answer = await ask(client.build('avanor', 'withdraw/status', { withdraw_id: number }))
  const [status, reference] = [at(answer, 'data', 'status'), at(answer, 'data', 'shop_payment_id')]
  const meaning = status === '5' ? 'completed' : 'not completed'
  return { status, reference, words: `status ${status} (${meaning}), shop_payment_id ${reference}` }
}

async function proofStep(client: SandboxClient, reference: string): Promise<Step> {
  const answer = await ask(client.build('proofapi', 'proof', { order_id: reference }))
  const images = answer instanceof Map ? answer.get('proof_images') : null
  const count = Array.isArray(images) ? images.length : 0
  const length = Array.isArray(images) ? String(images[0] ?? '').length : 0
  const said = at(answer, 'transaction_status')
  return {
    door: 'Proof',
    does: `proof images of order_id ${reference}`,
    answered: `${said}, ${count} ${count === 1 ? 'image' : 'images'}${count === 0 ? '' : ` (data URI of ${length} characters)`}`,
    isRight: said === 'Approved',
  }
}

// ---- asking ----------------------------------------------------------------------------------------------------------

async function ask({ request }: Pick<BuiltRequest, 'request'>): Promise<JsonValue> {
  const { text } = await askSandbox(request)
  const parsed = parseJson(text)
  return parsed.ok ? parsed.value : null
}

/** The fields of an answer in Payneteasy's own form; '' for one that is not there. */
async function form({ request }: BuiltRequest): Promise<(name: string) => string> {
  const { text } = await askSandbox(request)
  return name => answerField(text, name) ?? ''
}

/** The text at a place in an answer; '' where there is none. */
function at(value: JsonValue, ...path: readonly (string | number)[]): string {
  let found: JsonValue | undefined = value
  for (const part of path) {
    if (typeof part === 'number') found = Array.isArray(found) ? found[part] : undefined
    else found = found !== undefined && isJsonObject(found) ? found.get(part) : undefined
  }
  if (found instanceof JsonNumber) return found.literal
  return typeof found === 'string' ? found : ''
}

/** Asks again until it is so, or the time is over; the last answer in any case. */
async function until<Answer>(
  { clock, signal }: StoryNeeds,
  question: () => Promise<Answer>,
  isSo: (answer: Answer) => boolean,
): Promise<Answer> {
  const endMs = clock.monotonic() + WAIT_MS_MAX
  for (;;) {
    const answer = await question()
    if (isSo(answer) || signal.aborted || clock.monotonic() >= endMs) return answer
    await clock.sleep(WAIT_MS, signal)
  }
}

const WAIT_MS = 200
const WAIT_MS_MAX = 60_000

function storyLines(steps: readonly Step[]): readonly string[] {
  const width = (of: (step: Step) => string): number => Math.max(...steps.map(step => of(step).length))
  const [door, does] = [width(step => step.door), width(step => step.does)]
  return steps.map((step, place) => {
    const mark = step.isRight ? '' : '   (this is not what it has to be)'
    return `${place + 1}  ${step.door.padEnd(door)}  ${step.does.padEnd(does)}  ${step.answered}${mark}`
  })
}
