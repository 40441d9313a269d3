import { Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useMessages } from '../i18n/index.tsx';
import { ErrorNotice } from './ErrorNotice.tsx';

interface LoadedProps<Data> {
  readonly query: UseQueryResult<Data>;
  readonly children: (data: Data) => ReactNode;
}

/** Shows what was asked for, an outline until it is there, or why it is not. */
export function Loaded<Data>({ query, children }: LoadedProps<Data>) {
  const { common } = useMessages();
  if (query.data === undefined) {
    if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
    return (
      <Stack gap="xs" aria-busy="true" aria-label={common.loading}>
        <Skeleton height={36} />
        <Skeleton height={36} />
        <Skeleton height={36} />
      </Stack>
    );
  }
  return (
    <>
      {query.error && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {children(query.data)}
    </>
  );
}
