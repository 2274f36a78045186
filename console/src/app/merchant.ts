import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { listMerchants } from '../api/house.ts'
import type { Merchant } from '../api/types.gen.ts'

export interface Chosen {
  /** Null: all of them. */
  readonly merchant: string | null
  readonly all: readonly Merchant[]
}

/** The merchant in the address bar, so that a page can be sent to a colleague as it is seen. */
export function useMerchant(): Chosen {
  const [parameters] = useSearchParams()
  const merchants = useQuery({ queryKey: ['merchants'], queryFn: listMerchants, staleTime: 60_000 })
  return { merchant: parameters.get('merchant'), all: merchants.data?.data ?? [] }
}

/** For pages of one merchant: the chosen one, or the first. Null until they are read. */
export function useOneMerchant(): string | null {
  const { merchant, all } = useMerchant()
  return merchant ?? all[0]?.id ?? null
}
