/** A page of things, newest first; `next_cursor` is null on the last one. */
export interface Page<Item> {
  readonly data: readonly Item[]
  readonly has_more: boolean
  readonly next_cursor: string | null
}

/** How many a page of a long list holds. */
export const PAGE_LIMIT = 50
