// Payouts of every merchant of a person: `/v1/search/payouts`, and the same as a file.
import { z } from 'zod'
import { currencyOf } from '../money/currency.ts'
import type { Payout } from '../payout/payout.ts'
import { ROLES } from '../payout/role.ts'
import { type ApiAnswer, found, type PersonCall, type PersonRoute, refusal } from './call.ts'
import type { ApiSearchAsked } from './console-needs.ts'
import { csvLines } from './csv.ts'
import { documentation } from './documentation.ts'
import { readPageQuery, readWholeQuery } from './list-query.ts'
import type { ApiNeeds } from './needs.ts'
import { listPage, readCursor, writeCursor } from './page.ts'
import { refusedAnswer } from './people-content.ts'
import { NOTHING } from './proposals-read.ts'
import { payoutResource } from './resource.ts'
import { listOf } from './schema.ts'
import { type FoundPayoutShown, foundPayoutShown, searchFileQuery, searchQuery } from './schema-console.ts'

export function consolePayouts(needs: ApiNeeds): readonly PersonRoute[] {
  return [
    {
      ...{ method: 'GET', path: '/v1/search/payouts', roles: ROLES, body: 'unread' },
      schema: documentation({
        operationId: 'searchPayouts',
        summary: 'Search the payouts of every merchant',
        description:
          'Newest first, over all merchants of yours. A page may be short and yet have a next one: it looked at so many payouts, and the cursor says where it goes on.',
        tag: 'Console',
        query: searchQuery,
        answer: { status: 200, description: 'One page.', schema: listOf(foundPayoutShown) },
        problems: [400, 404],
      }),
      run: call => searchPayouts(call, needs),
    },
    {
      ...{ method: 'GET', path: '/v1/search/payouts.csv', roles: ROLES, body: 'unread' },
      schema: documentation({
        operationId: 'exportPayouts',
        summary: 'The same as a file',
        description:
          'CSV (RFC 4180) in UTF-8, at most 100,000 lines; where more are there, the last line says so. What a spreadsheet would take for a formula begins with an apostrophe. That you asked for it is recorded.',
        tag: 'Console',
        query: searchFileQuery,
        answer: { status: 200, description: 'The file.', schema: z.string(), mediaType: 'text/csv' },
        problems: [400, 404, 429],
      }),
      run: call => exportPayouts(call, needs),
    },
  ]
}

async function searchPayouts({ by, query }: PersonCall, needs: ApiNeeds): Promise<ApiAnswer> {
  if (needs.console === undefined) return NOTHING
  const read = readPageQuery(query, searchQuery, readCursor)
  if (!read.ok) return refusal({ code: 'invalid_request', errors: read.errors })
  const { limit, ...filters } = read.values
  const answer = await needs.console.search(by, { ...searchAsked(filters), limit, before: read.before })
  if (answer.kind === 'refused') return refusedAnswer(answer)
  return found(listPage(answer, payout => shown(payout, needs.livemode), writeCursor))
}

async function exportPayouts({ by, query }: PersonCall, needs: ApiNeeds): Promise<ApiAnswer> {
  if (needs.console === undefined) return NOTHING
  const read = readWholeQuery(query, searchFileQuery)
  if (!read.ok) return refusal({ code: 'invalid_request', errors: read.errors })
  const answer = await needs.console.exported(by, searchAsked(read.values))
  if (answer.kind === 'refused') return refusedAnswer(answer)
  return {
    status: 200,
    stream: csvLines(answer.pages, payout => shown(payout, needs.livemode)),
    headers: {
      'Content-Type': 'text/csv;charset=utf-8;header=present',
      'Content-Disposition': 'attachment; filename="payouts.csv"',
    },
  }
}

function searchAsked(filters: z.output<typeof searchFileQuery>): ApiSearchAsked {
  const { q, merchant, state, currency, provider_account: providerAccountId } = filters
  return {
    query: q ?? null,
    merchantId: merchant ?? null,
    state: state ?? null,
    currency: currency === undefined ? null : currencyOf(currency),
    providerAccountId: providerAccountId ?? null,
    createdFromMs: timeOrNull(filters.created_from),
    createdToMs: timeOrNull(filters.created_to),
  }
}

function timeOrNull(text: string | undefined): number | null {
  return text === undefined ? null : Date.parse(text)
}

function shown(payout: Payout, livemode: boolean): FoundPayoutShown {
  return { ...payoutResource(payout, null, livemode), merchant: payout.merchantId }
}
