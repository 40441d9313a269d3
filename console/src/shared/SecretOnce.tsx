import { Alert, Code, Group, Stack, Text } from '@mantine/core';
import { CopyIcon } from './CopyText.tsx';

/** Something that is shown now and never again, to be copied. */
export function SecretOnce({ text, value }: { text: string; value: string }) {
  return (
    <Alert color="green" role="status" p="sm">
      <Stack gap={4}>
        <Text size="sm">{text}</Text>
        <Group gap={4} wrap="nowrap">
          <Code style={{ overflowWrap: 'anywhere' }}>{value}</Code>
          <CopyIcon value={value} />
        </Group>
      </Stack>
    </Alert>
  );
}
