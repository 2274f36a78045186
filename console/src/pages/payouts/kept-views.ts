/** A name for what the address bar says behind the `?`. */
export interface View {
  readonly name: string
  readonly search: string
}

export const VIEWS_MAX = 20

const KEY = 'quittance-views'

/** What another version or another hand left there is passed over. */
export function readViews(): readonly View[] {
  try {
    const kept: unknown = JSON.parse(window.localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isView).slice(0, VIEWS_MAX) : []
  } catch {
    return []
  }
}

export function keepViews(views: readonly View[]): void {
  try {
    window.localStorage.setItem(KEY, JSON.stringify(views))
  } catch {
    // A browser that keeps nothing: the views last as long as the page.
  }
}

function isView(value: unknown): value is View {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'search' in value &&
    typeof value.name === 'string' &&
    typeof value.search === 'string'
  )
}
