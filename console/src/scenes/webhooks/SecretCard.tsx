import { Button, Card, Code, Group, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { endSecretOverlap, readSecret, rotateSecret, webhookQuery } from '../../api/queries/webhooks.ts';
import type { Webhook } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { CopyIcon } from '../../shared/CopyText.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';

/** What requests are signed with: a secret is fetched only when a person asks for it, a public key is no secret. */
export function SecretCard({ webhook }: { webhook: Webhook }) {
  const { webhooks } = useMessages();
  const text = webhooks.secret;
  const format = useFormat();
  const client = useQueryClient();
  const [secret, setSecret] = useState<string | null>(null);
  const [asking, setAsking] = useState<'rotate' | 'endOverlap' | null>(null);
  const show = useMutation({
    mutationFn: () => readSecret(webhook.id),
    onSuccess: (answer) => setSecret(answer.secret),
  });
  const reload = () => client.invalidateQueries({ queryKey: webhookQuery(webhook.id).queryKey });
  const rotate = async (): Promise<void> => {
    setSecret((await rotateSecret(webhook.id)).secret);
    await reload();
    notifications.show({ message: text.rotated, color: 'green' });
  };
  const endOverlap = async (): Promise<void> => {
    await endSecretOverlap(webhook.id);
    await reload();
    notifications.show({ message: text.overlapEnded, color: 'green' });
  };
  const close = (): void => setAsking(null);
  const { publicKey, previousSecretUntil } = webhook;
  const shown = publicKey ?? secret;
  return (
    <Card>
      <Title order={2} mb={4}>
        {publicKey === null ? webhooks.sections.secret : text.publicKey}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {hintOf(webhook, text)}
      </Text>
      {shown !== null && (
        <Group gap={4} mb="sm" wrap="nowrap">
          <Code style={{ overflowWrap: 'anywhere' }}>{shown}</Code>
          <CopyIcon value={shown} />
        </Group>
      )}
      {previousSecretUntil !== null && (
        <Text size="sm" mb="sm">
          {text.overlap(format.dateTime(previousSecretUntil))}
        </Text>
      )}
      {show.error && <ErrorNotice error={show.error} />}
      <Group gap="xs">
        {publicKey === null &&
          (secret === null ? (
            <Button size="xs" variant="default" loading={show.isPending} onClick={() => show.mutate()}>
              {text.show}
            </Button>
          ) : (
            <Button size="xs" variant="default" onClick={() => setSecret(null)}>
              {text.hide}
            </Button>
          ))}
        <Button size="xs" variant="default" onClick={() => setAsking('rotate')}>
          {text.rotate}
        </Button>
        {previousSecretUntil !== null && (
          <Button size="xs" variant="default" onClick={() => setAsking('endOverlap')}>
            {text.endOverlap}
          </Button>
        )}
      </Group>
      <ConfirmDialog
        opened={asking === 'rotate'}
        title={text.rotating}
        action={text.rotate}
        danger
        onClose={close}
        onConfirm={rotate}
      >
        <Text size="sm">{text.rotateText}</Text>
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === 'endOverlap'}
        title={text.endOverlap}
        action={text.endOverlap}
        danger
        onClose={close}
        onConfirm={endOverlap}
      >
        <Text size="sm">{text.endOverlapText}</Text>
      </ConfirmDialog>
    </Card>
  );
}

function hintOf(
  { signature, publicKey }: Webhook,
  text: { unsigned: string; publicHint: string; hint: string },
) {
  if (signature === 'none') return text.unsigned;
  return publicKey === null ? text.hint : text.publicHint;
}
