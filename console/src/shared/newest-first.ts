import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useLiveIntervalMs } from '../api/live.ts';

export interface NewestPage<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

export interface NewestFirst<Item> {
  readonly items: readonly Item[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  /** Whether the list stands still because older pages are open. */
  readonly isStill: boolean;
  loadMore(): void;
  refetch(): void;
  /** Forgets the older pages and goes on showing the newest. */
  backToNewest(): void;
}

const pageLimit = 100;

/**
 * A list that is read from its newest end and grows there. While only the newest page is open it is kept
 * up to date; as soon as a person goes on to older ones it stands still, lest it slides away under them.
 */
export function useNewestFirst<Item>(
  key: readonly unknown[],
  fetchPage: (page: { limit: number; cursor?: string }, signal: AbortSignal) => Promise<NewestPage<Item>>,
): NewestFirst<Item> {
  const liveIntervalMs = useLiveIntervalMs();
  const queryClient = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: key,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      fetchPage(pageParam === null ? { limit: pageLimit } : { limit: pageLimit, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 1) > 1 ? false : liveIntervalMs),
    refetchOnWindowFocus: ({ state }) => (state.data?.pages.length ?? 1) === 1,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  const items = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  return {
    items,
    isPending: query.isPending,
    error: query.error,
    hasMore: hasNextPage,
    isLoadingMore: isFetchingNextPage,
    isStill: (data?.pages.length ?? 1) > 1,
    loadMore: () => {
      if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
    },
    refetch: () => void refetch(),
    backToNewest: () => {
      window.scrollTo({ top: 0 });
      queryClient.setQueryData<InfiniteData<NewestPage<Item>, string | null>>(
        key,
        (old) => old && { pages: old.pages.slice(0, 1), pageParams: old.pageParams.slice(0, 1) },
      );
      void refetch();
    },
  };
}
