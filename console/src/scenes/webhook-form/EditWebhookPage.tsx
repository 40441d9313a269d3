import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { presetsQuery, updateWebhook, webhookQuery } from '../../api/queries/webhooks.ts';
import type { Webhook } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { changedSettings, type FormValues, type Presets, valuesOf } from './values.ts';
import { WebhookForm } from './WebhookForm.tsx';

const route = getRouteApi('/webhooks/$id/edit');

export function EditWebhookPage() {
  const { webhookForm: text, webhooks } = useMessages();
  const { id } = route.useParams();
  const query = useQuery(webhookQuery(id));
  const presets = useQuery(presetsQuery);
  const name = query.data?.name ?? webhooks.title;
  return (
    <Page title={text.editTitle(name)} parent={{ to: `/webhooks/${id}`, label: name }}>
      <Loaded query={presets}>
        {(known) => (
          <Loaded query={query}>
            {(webhook) => <EditForm key={webhook.id} webhook={webhook} presets={known} />}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

/** Edits what the webhook was when the page was opened; only what is changed here is sent. */
function EditForm({ webhook, presets }: { webhook: Webhook; presets: Presets }) {
  const { webhookForm: text, common } = useMessages();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [initial] = useState(() => valuesOf(webhook));
  const save = async (values: FormValues): Promise<void> => {
    const saved = await updateWebhook(webhook.id, changedSettings(presets, initial, values));
    client.setQueryData(webhookQuery(webhook.id).queryKey, saved);
    notifications.show({ message: text.saved, color: 'green' });
    await navigate({ to: '/webhooks/$id', params: { id: webhook.id } });
  };
  return (
    <WebhookForm
      presets={presets}
      initial={initial}
      action={common.save}
      back={`/webhooks/${webhook.id}`}
      onSave={save}
    />
  );
}
