// Each recipe is one kind of money movement and the postings it makes. The worked examples stand in docs/ledger.md
// and are run from there by the tests.
//
//   fund      float → available          the merchant's money arrived at a provider account
//   hold      available → held           a payout was accepted
//   release   held → available           it was cancelled before sending
//   dispatch  held → in flight           the intent to send was committed
//   requeue   in flight → held           the attempt is proven dead, another may follow
//   fail      in flight → available      the attempt is proven dead, none follows
//   settle    in flight → float          the provider paid
//   return    float → available          the rail gave the money back after it was paid
//   fee       available → fees           our fee
//   recall    recall receivable → float  paid after it was proven dead: the money left, somebody owes it
//   correction  as two people agreed      what was booked stays, and this stands beside it
import type { Money } from '../money/money.ts'
import { type Account, floatAccount } from './accounts.ts'
import { type Posting, posting } from './posting.ts'

/** Recipes whose accounts are fixed. */
export const FIXED_RECIPES = [
  'fund',
  'hold',
  'release',
  'dispatch',
  'requeue',
  'fail',
  'settle',
  'return',
  'fee',
  'recall',
] as const
export type FixedRecipe = (typeof FIXED_RECIPES)[number]

export const RECIPES = [...FIXED_RECIPES, 'correction'] as const
export type Recipe = (typeof RECIPES)[number]

/** The postings of one recipe. `providerAccountId` names the float, for the recipes that touch one. */
export function recipePostings(
  recipe: FixedRecipe,
  amount: Money,
  providerAccountId: string,
): readonly Posting[] {
  const float = floatAccount(providerAccountId)
  switch (recipe) {
    case 'fund':
      return [posting(float, 'available', amount)]
    case 'hold':
      return [posting('available', 'held', amount)]
    case 'release':
      return [posting('held', 'available', amount)]
    case 'dispatch':
      return [posting('held', 'in_flight', amount)]
    case 'requeue':
      return [posting('in_flight', 'held', amount)]
    case 'fail':
      return [posting('in_flight', 'available', amount)]
    case 'settle':
      return [posting('in_flight', float, amount)]
    case 'return':
      return [posting(float, 'available', amount)]
    case 'fee':
      return [posting('available', 'fees', amount)]
    case 'recall':
      return [posting('recall_receivable', float, amount)]
  }
}

/** Accounts that a correction leaves alone: their money belongs, to the unit, to payouts that have not ended. */
const LIVE_ACCOUNTS: ReadonlySet<Account> = new Set(['held', 'in_flight'])

/** Whether a correction may move money from or to this account. */
export function mayBeCorrected(account: Account): boolean {
  return !LIVE_ACCOUNTS.has(account)
}
