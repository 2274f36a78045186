import type { ReactNode } from 'react'
import { Link, type LinkProps, useSearchParams } from 'react-router'

/** A link within the console. The chosen merchant comes along. */
export function To({ to, children, ...rest }: { to: string; children: ReactNode } & Omit<LinkProps, 'to'>) {
  const address = useAddress()
  return (
    <Link to={address(to)} {...rest}>
      {children}
    </Link>
  )
}

/** The same for whatever else takes an address. */
export function useAddress(): (to: string) => string {
  const [parameters] = useSearchParams()
  const merchant = parameters.get('merchant')
  return to => {
    if (merchant === null) return to
    return `${to}${to.includes('?') ? '&' : '?'}merchant=${encodeURIComponent(merchant)}`
  }
}

export function payoutAddress(merchant: string, id: string): string {
  return `/payouts/${encodeURIComponent(merchant)}/${encodeURIComponent(id)}`
}
