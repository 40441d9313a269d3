import { Button, Stack, Text, TextInput } from '@mantine/core';
import { Plus, Search, Webhook as WebhookIcon } from 'lucide-react';
import { useState } from 'react';
import { useLiveQuery } from '../../api/live.ts';
import { webhooksQuery } from '../../api/queries/webhooks.ts';
import { useMay } from '../../api/session.ts';
import type { Webhook } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { EmptyState } from '../../shared/EmptyState.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { byAttention } from './attention.ts';
import { WebhookRow } from './WebhookRow.tsx';

/** A filter is worth its place from here on. */
const filterFrom = 8;

export function WebhooksPage() {
  const { webhooks: text } = useMessages();
  const query = useLiveQuery(webhooksQuery);
  const mayEdit = useMay('editor');
  const create = mayEdit && (
    <Button component={LinkTo} to="/webhooks/new" leftSection={<Plus size={16} aria-hidden />}>
      {text.create}
    </Button>
  );
  return (
    <Page title={text.title} actions={query.data?.length === 0 ? undefined : create}>
      <Loaded query={query}>
        {(webhooks) =>
          webhooks.length === 0 ? (
            <EmptyState icon={WebhookIcon} title={text.empty.title} text={text.empty.text} actions={create} />
          ) : (
            <WebhookList webhooks={webhooks} />
          )
        }
      </Loaded>
    </Page>
  );
}

function WebhookList({ webhooks }: { webhooks: readonly Webhook[] }) {
  const { webhooks: text } = useMessages();
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const shown = [...webhooks]
    .filter(({ name, url, id }) => [name, url, id].some((value) => value.toLowerCase().includes(wanted)))
    .sort(byAttention);
  return (
    <Stack gap="sm">
      {webhooks.length >= filterFrom && (
        <TextInput
          aria-label={text.filter}
          placeholder={text.filter}
          leftSection={<Search size={15} aria-hidden />}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          maw={360}
        />
      )}
      {shown.length === 0 ? <Text c="dimmed">{text.noneFits}</Text> : <WebhookCards webhooks={shown} />}
    </Stack>
  );
}

/** Webhooks, one a line. */
export function WebhookCards({ webhooks }: { webhooks: readonly Webhook[] }) {
  return (
    <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
      {webhooks.map((webhook) => (
        <WebhookRow key={webhook.id} webhook={webhook} />
      ))}
    </Stack>
  );
}
