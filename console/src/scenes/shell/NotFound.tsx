import { Button, Stack, Text, Title } from '@mantine/core';
import { useMessages } from '../../i18n/index.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';

export function NotFound() {
  const { notFound } = useMessages().common;
  return (
    <Stack align="flex-start">
      <Title order={1}>{notFound.title}</Title>
      <Text>{notFound.text}</Text>
      <Button component={LinkTo} to="/">
        {notFound.home}
      </Button>
    </Stack>
  );
}
