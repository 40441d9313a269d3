import { Alert, Button, Stack, Text } from '@mantine/core';
import { useMessages } from '../../i18n/index.tsx';

/** Shown in place of a page whose code failed, or could not be fetched after an update of the server. */
export function Crash({ error }: { error: unknown }) {
  const { common } = useMessages();
  return (
    <Alert color="red" title={common.problem.crashed} role="alert">
      <Stack align="flex-start">
        <Text size="sm">{error instanceof Error ? error.message : String(error)}</Text>
        <Button size="xs" variant="default" onClick={() => location.reload()}>
          {common.problem.reload}
        </Button>
      </Stack>
    </Alert>
  );
}
