import { Button, Code, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { inboxUrl } from '../../api/queries/consumer.ts';
import { createWebhook, presetsQuery, webhooksQuery } from '../../api/queries/webhooks.ts';
import { useMessages } from '../../i18n/index.tsx';
import { CopyIcon } from '../../shared/CopyText.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { emptyValues, type FormValues, newSettings, type Presets } from './values.ts';
import { WebhookForm } from './WebhookForm.tsx';

const route = getRouteApi('/webhooks/new');

/** What a person is told once the webhook is there: what to give to the consumer. */
type CreatedWebhook = { id: string; secret: string | null; publicKey: string | null };

export function NewWebhookPage() {
  const { webhookForm: text, webhooks } = useMessages();
  const query = useQuery(presetsQuery);
  return (
    <Page title={text.createTitle} parent={{ to: '/webhooks', label: webhooks.title }}>
      <Loaded query={query}>{(presets) => <NewForm presets={presets} />}</Loaded>
    </Page>
  );
}

function NewForm({ presets }: { presets: Presets }) {
  const { webhookForm: text, webhooks, common } = useMessages();
  const { base = null, table = null, inbox } = route.useSearch();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [created, setCreated] = useState<CreatedWebhook | null>(null);
  const [initial] = useState(() =>
    emptyValues(presets, {
      base,
      table,
      ...(base === null ? {} : { eventTypes: ['row.*'] }),
      ...(inbox === undefined ? {} : { url: inboxUrl(inbox) }),
    }),
  );
  const create = async (values: FormValues): Promise<void> => {
    const { id, secret, publicKey } = await createWebhook(newSettings(presets, values));
    setCreated({ id, secret, publicKey });
    await client.invalidateQueries({ queryKey: webhooksQuery.queryKey, exact: true });
  };
  const given = created?.secret ?? created?.publicKey ?? '';
  const go = (): void => {
    if (created) void navigate({ to: '/webhooks/$id', params: { id: created.id } });
  };
  return (
    <>
      <WebhookForm
        presets={presets}
        initial={initial}
        action={text.createAction}
        back="/webhooks"
        onSave={create}
      />
      <Modal
        opened={created !== null}
        onClose={go}
        title={webhooks.secret.created}
        closeButtonProps={{ 'aria-label': common.close }}
      >
        <Stack>
          <Text size="sm">
            {created?.secret === null ? webhooks.secret.createdPublicHint : webhooks.secret.createdHint}
          </Text>
          <Group gap={4} wrap="nowrap">
            <Code style={{ overflowWrap: 'anywhere' }}>{given}</Code>
            <CopyIcon value={given} />
          </Group>
          <Group justify="flex-end">
            <Button onClick={go} data-autofocus>
              {common.open}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
