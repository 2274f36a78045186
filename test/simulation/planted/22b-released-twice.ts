import type { Planted } from './planted.ts'

export const planted: Planted = {
  number: '22b',
  says: 'the hold is released twice',
  patches: [
    {
      file: 'src/ledger/recipes.ts',
      from: "return [posting('held', 'available', amount)]",
      to: "return [posting('held', 'available', amount), posting('held', 'available', amount)]",
    },
  ],
  direct: options => ({ ...options, rates: { ...options.rates, cancels: 0.5 } }),
}
