import type { FieldError, Problem } from '../http/problem.ts'
import { isJsonObject, type JsonValue, parseJson, toPlain } from '../lib/json.ts'
import { currencyOf } from '../money/currency.ts'
import { type DecimalRefusal, parseDecimal } from '../money/decimal.ts'
import type { Money } from '../money/money.ts'
import type { BankAccount, Wallet } from '../payout/beneficiary.ts'
import { fieldErrors, messageOf } from './field-errors.ts'
import { payoutCreate } from './schema-request.ts'

/** What a create request asks for, read and judged. */
export interface PayoutContent {
  readonly reference: string
  readonly amount: Money
  readonly beneficiary: Wallet | BankAccount
  readonly description: string | null
  readonly metadata: Readonly<Record<string, string>> | null
}

export type ContentRead =
  | { readonly ok: true; readonly content: PayoutContent }
  | { readonly ok: false; readonly problem: Problem }

/** Reads the body of a create request. Every field that is wrong is named, not only the first. */
export function readPayoutContent(body: Uint8Array): ContentRead {
  const parsed = parseJson(body)
  if (!parsed.ok) return refused({ code: 'malformed_json', detail: `The body is refused: ${parsed.why}.` })
  if (!isJsonObject(parsed.value)) return refused({ code: 'malformed_json' })
  if (asksForCard(parsed.value)) return refused({ code: 'card_number_refused' })

  const read = payoutCreate.safeParse(toPlain(parsed.value), { error: messageOf })
  if (!read.success) return invalid(fieldErrors(read.error))

  const { reference, beneficiary, description, metadata } = read.data
  const amount = readAmount(read.data.amount, read.data.currency)
  if ('pointer' in amount) return invalid([amount])
  return {
    ok: true,
    content: {
      reference,
      amount,
      beneficiary:
        beneficiary.kind === 'wallet'
          ? beneficiary
          : {
              kind: 'bank_account',
              account: beneficiary.account,
              bank: beneficiary.bank ?? null,
              holder: beneficiary.holder ?? null,
            },
      description: description ?? null,
      metadata: metadata ?? null,
    },
  }
}

function readAmount(text: string, code: string): Money | FieldError {
  const currency = currencyOf(code)
  if (currency === null) return { pointer: '/currency', message: 'must be a currency of ISO 4217' }
  const read = parseDecimal(text, currency)
  if (!read.ok) return { pointer: '/amount', message: AMOUNT_MESSAGES[read.why] }
  if (read.money.minor === 0n) return { pointer: '/amount', message: 'must be above zero' }
  return read.money
}

const AMOUNT_MESSAGES: Readonly<Record<DecimalRefusal, string>> = {
  not_decimal: 'must be decimal digits such as "10.50"',
  too_many_decimals: 'has more decimals than its currency',
  too_large: 'is larger than any payout can be',
}

/** By its kind alone, before anything else of it is looked at: a card number belongs in no error and no log. */
function asksForCard(body: JsonValue): boolean {
  const beneficiary = isJsonObject(body) ? body.get('beneficiary') : undefined
  return isJsonObject(beneficiary) && beneficiary.get('kind') === 'card'
}

function invalid(errors: readonly FieldError[]): ContentRead {
  return refused({ code: 'invalid_request', errors })
}

function refused(problem: Problem): ContentRead {
  return { ok: false, problem }
}
