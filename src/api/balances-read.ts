import { printDecimal } from '../money/decimal.ts'
import type { MerchantBalance } from '../protocols/protocol.ts'
import { type ApiRoute, found } from './call.ts'
import { documentation } from './documentation.ts'
import type { ApiNeeds } from './needs.ts'
import { wholeList } from './page.ts'
import { type BalanceShown, balanceShown, listOf } from './schema.ts'

/** `GET /v1/balances`. */
export function balancesRead({ desk }: ApiNeeds): ApiRoute {
  return {
    method: 'GET',
    path: '/v1/balances',
    scope: 'balances:read',
    body: 'unread',
    schema: documentation({
      operationId: 'readBalances',
      summary: 'Read the balances',
      description: 'One line for each currency, from the ledger as it stands now.',
      tag: 'Balances',
      answer: { status: 200, description: 'All currencies.', schema: listOf(balanceShown) },
      problems: [],
    }),
    run: async call => found(wholeList((await desk.balances(call.merchantId)).map(balanceResource))),
  }
}

function balanceResource({ available, held, inFlight }: MerchantBalance): BalanceShown {
  return {
    object: 'balance',
    currency: available.currency,
    available: printDecimal(available),
    held: printDecimal(held),
    in_flight: printDecimal(inFlight),
  }
}
