import { Skeleton, Stack } from '@mantine/core';
import { useMessages } from '../../i18n/index.tsx';

/** The outline of a page while its script is fetched. */
export function PagePending() {
  const { common } = useMessages();
  return (
    <Stack aria-busy="true" aria-label={common.loading}>
      <Skeleton height={28} width={200} />
      <Skeleton height={120} />
      <Skeleton height={240} />
    </Stack>
  );
}
