import { Button, Card, Code, Group, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { readSecret, rotateSecret } from '../../api/queries/webhooks.ts';
import type { Webhook } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { CopyIcon } from '../../shared/CopyText.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';

/** The signing secret: fetched only when a person asks for it. */
export function SecretCard({ webhook }: { webhook: Webhook }) {
  const { webhooks: text } = useMessages();
  const [secret, setSecret] = useState<string | null>(null);
  const [rotating, setRotating] = useState(false);
  const show = useMutation({
    mutationFn: () => readSecret(webhook.id),
    onSuccess: (answer) => setSecret(answer.secret),
  });
  const rotate = async (): Promise<void> => {
    setSecret((await rotateSecret(webhook.id)).secret);
    notifications.show({ message: text.secret.rotated, color: 'green' });
  };
  return (
    <Card>
      <Title order={2} mb={4}>
        {text.sections.secret}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {webhook.signature === 'none' ? text.secret.unsigned : text.secret.hint}
      </Text>
      {secret !== null && (
        <Group gap={4} mb="sm" wrap="nowrap">
          <Code style={{ overflowWrap: 'anywhere' }}>{secret}</Code>
          <CopyIcon value={secret} />
        </Group>
      )}
      {show.error && <ErrorNotice error={show.error} />}
      <Group gap="xs">
        {secret === null ? (
          <Button size="xs" variant="default" loading={show.isPending} onClick={() => show.mutate()}>
            {text.secret.show}
          </Button>
        ) : (
          <Button size="xs" variant="default" onClick={() => setSecret(null)}>
            {text.secret.hide}
          </Button>
        )}
        <Button size="xs" variant="default" onClick={() => setRotating(true)}>
          {text.secret.rotate}
        </Button>
      </Group>
      <ConfirmDialog
        opened={rotating}
        title={text.secret.rotating}
        action={text.secret.rotate}
        danger
        onClose={() => setRotating(false)}
        onConfirm={rotate}
      >
        <Text size="sm">{text.secret.rotateText}</Text>
      </ConfirmDialog>
    </Card>
  );
}
