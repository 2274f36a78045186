// What the dispatcher makes of an answer to the paying step, or to a status: the connector's reading, judged by the tables
// of certainty.
import { type AttemptFacts, judgeInquiry } from '../../dispatch/certainty-inquiry.ts'
import { judgeSend } from '../../dispatch/certainty-send.ts'
import { money } from '../../money/money.ts'
import type { InquirySubject } from '../protocol.ts'
import { payneteasyConnector } from './connector.ts'
import { credential, EUR, fail, NOW_MS, PRIVATE_KEY } from './door.fixture.ts'
import { payneteasyWriteAnswer } from './wire.ts'

export const account = {
  id: 'vectors',
  protocol: 'payneteasy',
  baseUrl: 'https://sandbox.payneteasy.com',
  settings: {
    consumer_key: 'TestMerchant',
    login: 'test-merchant',
    private_key: PRIVATE_KEY,
    merchant_control: credential.secret,
    endpoints: '39915=EUR',
  },
}
const contract = payneteasyConnector.capabilities(account)
const amount = money(10_000n, EUR)

interface Judged {
  readonly status?: number
  readonly onlySend?: boolean
  readonly reference?: string
  readonly theirId?: string
}

export function judgedPay(
  body: string,
  { status = 200, onlySend = true, reference = '1', theirId = '900258' }: Judged = {},
): readonly [string, string] {
  const wire = { status, headers: {}, body: Buffer.from(body) }
  const answer = contract.bodyStatuses.includes(status)
    ? (payneteasyConnector.commit?.read(wire, { reference, theirId, amount }, account) ??
      fail('a second step'))
    : ({ kind: 'unread' } as const)
  const facts = { step: 'second', sends: onlySend ? 1 : 2, theirIdBefore: theirId } as const
  const { certainty, next } = judgeSend({ kind: 'answered', status, answer }, facts, contract)
  return [outcomeOf(certainty), next]
}

export function judgedStatus(value: string | null, step: 'first' | 'second', untied: boolean): string {
  return outcomeOf(judgedInquiry(value, step, untied, 'in_doubt').certainty)
}

/** The verdict on a status of an attempt that is in this state. */
export function judgedInquiry(
  value: string | null,
  step: 'first' | 'second',
  untied: boolean,
  state: AttemptFacts['state'],
): ReturnType<typeof judgeInquiry> {
  const fields = [
    ['type', 'status-response'],
    ['merchant-order-id', '3'],
    ['paynet-order-id', '900258'],
    ...(value === null ? [] : [['status', value]]),
    ['amount', '100.00'],
    ['currency', 'EUR'],
  ] as [string, string][]
  const wire = { status: 200, headers: {}, body: Buffer.from(payneteasyWriteAnswer(fields)) }
  const payRequestId = step === 'first' || untied ? null : '00000000-0000-0000-0000-000002e2c322'
  const subject: InquirySubject = { reference: '3', theirId: '900258', amount, step, payRequestId }
  const answer = payneteasyConnector.readInquiry(wire, subject, account)
  const facts: AttemptFacts = {
    state,
    stepsSent: step === 'first' ? 1 : 2,
    theirId: '900258',
    refusedOnOnlySend: false,
    acceptanceSeen: false,
    failureSeen: false,
    contradicted: false,
    observations: [],
    lastPossibleByteAtMs: NOW_MS - 60_000,
    sameAccount: true,
    sameScope: true,
  }
  const seen = { kind: 'answered', status: 200, answer } as const
  return judgeInquiry(seen, facts, contract, { nowMs: NOW_MS })
}

type Certainty = ReturnType<typeof judgeInquiry>['certainty']

/** In the contract's words an order that was only created is pending. */
function outcomeOf(certainty: Certainty): string {
  if (certainty.kind === 'accepted') return certainty.as === 'created' ? 'pending' : certainty.as
  return certainty.kind === 'dead' ? 'failed' : 'unknown'
}
