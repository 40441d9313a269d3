import { Group, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface EmptyStateProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text?: string;
  readonly actions?: ReactNode;
}

/** What stands where there is nothing yet: why, and what to do next. */
export function EmptyState({ icon: Icon, title, text, actions }: EmptyStateProps) {
  return (
    <Stack align="center" gap="sm" py={48} px="md" ta="center">
      <ThemeIcon size={44} radius="xl" variant="light" color="gray">
        <Icon size={22} aria-hidden />
      </ThemeIcon>
      <Title order={2}>{title}</Title>
      {text && (
        <Text c="dimmed" maw={520}>
          {text}
        </Text>
      )}
      {actions && <Group justify="center">{actions}</Group>}
    </Stack>
  );
}
