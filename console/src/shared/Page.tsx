import { Anchor, Group, Stack, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMessages } from '../i18n/index.tsx';
import { LinkTo } from './LinkTo.tsx';

interface PageProps {
  readonly title: string;
  /** In the tab of the browser, where it is not the title itself. */
  readonly documentTitle?: string;
  /** Stands beside the title: a badge, for example. */
  readonly beside?: ReactNode;
  readonly actions?: ReactNode;
  /** The list that the page belongs to. */
  readonly parent?: { readonly to: string; readonly label: string };
  readonly children: ReactNode;
}

/** A page's frame: where one is, what it is called, what can be done. */
export function Page({ title, documentTitle = title, beside, actions, parent, children }: PageProps) {
  const { common } = useMessages();
  useDocumentTitle(`${documentTitle} · ${common.product}`);
  return (
    <Stack gap="md">
      <Stack gap={4}>
        {parent && (
          <Anchor component={LinkTo} to={parent.to} size="sm" w="fit-content">
            <ChevronLeft size={14} aria-hidden style={{ verticalAlign: '-2px' }} /> {parent.label}
          </Anchor>
        )}
        <Group justify="space-between" gap="sm">
          <Group gap="sm" miw={0}>
            <Title order={1}>{title}</Title>
            {beside}
          </Group>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
      </Stack>
      {children}
    </Stack>
  );
}
