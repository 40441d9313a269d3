import { Card, Center, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useMessages } from '../../i18n/index.tsx';
import { LanguageMenu } from '../shell/LanguageMenu.tsx';
import { Logo } from '../shell/Logo.tsx';

/** The frame of the pages before the console: a card in the middle of the screen. */
export function Gate({ title, children }: { title: string; children: ReactNode }) {
  const { common } = useMessages();
  return (
    <Center component="main" mih="100dvh" p="md">
      <Card w="100%" maw={440} padding="xl" shadow="sm">
        <Stack>
          <Group gap="xs">
            <Logo />
            <Text fw={650}>{common.product}</Text>
          </Group>
          <Title order={1}>{title}</Title>
          {children}
          <LanguageMenu />
        </Stack>
      </Card>
    </Center>
  );
}
