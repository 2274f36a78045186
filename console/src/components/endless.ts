import { useInfiniteQuery } from '@tanstack/react-query'
import type { Page } from '../api/page.ts'
import { LIVE_MS } from '../app/queries.ts'

/** A long list, read page by page. It is live as long as only its first page was asked for. */
export function useEndless<Item>(
  key: readonly unknown[],
  readPage: (before: string | null) => Promise<Page<Item>>,
) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => readPage(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: page => page.next_cursor,
    refetchInterval: asked => ((asked.state.data?.pages.length ?? 0) <= 1 ? LIVE_MS : false),
  })
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query
  return {
    query: { data: data?.pages.flatMap(page => page.data), error, refetch },
    hasMore: hasNextPage,
    isReading: isFetchingNextPage,
    readMore: () => void fetchNextPage(),
  }
}
