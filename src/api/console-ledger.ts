// The accounts of a merchant and their statements: `/v1/accounts`.
import type { Account } from '../ledger/accounts.ts'
import { isoTime } from '../lib/clock.ts'
import { currencyOf } from '../money/currency.ts'
import { printDecimal } from '../money/decimal.ts'
import { payoutId } from '../payout/number.ts'
import { ROLES } from '../payout/role.ts'
import type { StatementLine } from '../store/console-store.ts'
import type { AccountBalance } from '../store/store.ts'
import { type ApiAnswer, found, type PersonCall, type PersonRoute, refusal } from './call.ts'
import { readStatementCursor, writeStatementCursor } from './cursors.ts'
import { documentation } from './documentation.ts'
import { readPageQuery, readWholeQuery } from './list-query.ts'
import type { ApiNeeds } from './needs.ts'
import { listPage, wholeList } from './page.ts'
import { refusedAnswer } from './people-content.ts'
import { NOTHING } from './proposals-read.ts'
import { listOf } from './schema.ts'
import {
  type AccountShown,
  accountParams,
  accountShown,
  accountsQuery,
  type StatementLineShown,
  statementLineShown,
  statementQuery,
} from './schema-console.ts'

export function consoleLedger(needs: ApiNeeds): readonly PersonRoute[] {
  return [
    {
      ...{ method: 'GET', path: '/v1/accounts', roles: ROLES, body: 'unread' },
      schema: documentation({
        operationId: 'listAccounts',
        summary: 'The ledger accounts of a merchant',
        description: 'With their balances as they stand now.',
        tag: 'Console',
        query: accountsQuery,
        answer: { status: 200, description: 'All of them.', schema: listOf(accountShown) },
        problems: [400, 404],
      }),
      run: call => listAccounts(call, needs),
    },
    {
      ...{ method: 'GET', path: '/v1/accounts/:account/postings', roles: ROLES, body: 'unread' },
      schema: documentation({
        operationId: 'readStatement',
        summary: 'The statement of an account',
        description:
          'In the order of payouts, the newest first, what was booked for each together. The balance is as of the first page: what is booked meanwhile stands on a page that is read anew.',
        tag: 'Console',
        params: accountParams,
        query: statementQuery,
        answer: { status: 200, description: 'One page.', schema: listOf(statementLineShown) },
        problems: [400, 404],
      }),
      run: call => readStatement(call, needs),
    },
  ]
}

async function listAccounts({ by, query }: PersonCall, { console }: ApiNeeds): Promise<ApiAnswer> {
  if (console === undefined) return NOTHING
  const read = readWholeQuery(query, accountsQuery)
  if (!read.ok) return refusal({ code: 'invalid_request', errors: read.errors })
  const answer = await console.accounts(by, read.values.merchant ?? null)
  return answer.kind === 'refused'
    ? refusedAnswer(answer)
    : found(wholeList(answer.balances.map(accountResource)))
}

async function readStatement({ by, params, query }: PersonCall, { console }: ApiNeeds): Promise<ApiAnswer> {
  const account = readAccount(params.account)
  if (account === null || console === undefined) return NOTHING
  const read = readPageQuery(query, statementQuery, readStatementCursor)
  if (!read.ok) return refusal({ code: 'invalid_request', errors: read.errors })
  const { merchant, limit } = read.values
  const currency = currencyOf(read.values.currency)
  if (currency === null)
    return refusal({
      code: 'invalid_request',
      errors: [{ pointer: 'currency', message: 'must be a currency of ISO 4217' }],
    })
  const asked = { merchantId: merchant ?? null, account, currency, limit, before: read.before }
  const answer = await console.statement(by, asked)
  if (answer.kind === 'refused') return refusedAnswer(answer)
  return found(listPage(answer, line => lineResource(line, account), writeStatementCursor))
}

/** An account by its name, or null where the text is none. */
function readAccount(text: string | undefined): Account | null {
  const known = ['available', 'held', 'in_flight', 'fees', 'suspense', 'recall_receivable'] as const
  const fixed = known.find(name => name === text)
  if (fixed !== undefined) return fixed
  const float = /^float:([a-z0-9_-]{1,40})$/.exec(text ?? '')?.[1]
  return float === undefined ? null : `float:${float}`
}

function accountResource({ merchantId, account, balance }: AccountBalance): AccountShown {
  return {
    object: 'account',
    merchant: merchantId,
    account,
    currency: balance.currency,
    balance: printDecimal(asSeen(account, balance)),
  }
}

function lineResource(line: StatementLine, account: Account): StatementLineShown {
  return {
    object: 'statement_line',
    payout_id: line.payout === null ? null : payoutId(line.payout.number, line.payout.tag),
    sequence: line.sequence,
    recipe: line.recipe,
    contra: line.contra,
    amount: printDecimal(asSeen(account, line.amount)),
    balance: printDecimal(asSeen(account, line.balance)),
    currency: line.amount.currency,
    at: isoTime(line.atMs),
  }
}

/** A float is what we have somewhere: it prints as the negative of its balance (ledger/accounts.ts). */
function asSeen(account: string, amount: AccountBalance['balance']): AccountBalance['balance'] {
  return account.startsWith('float:') ? { ...amount, minor: -amount.minor } : amount
}
