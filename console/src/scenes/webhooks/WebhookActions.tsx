import { ActionIcon, Button, Radio, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { FlaskConical, ListX, Pause, Play, Trash2 } from 'lucide-react';
import { useState } from 'react';
import {
  clearQueue,
  deleteWebhook,
  enableWebhook,
  pauseWebhook,
  webhookQuery,
} from '../../api/queries/webhooks.ts';
import type { Webhook } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { SimulateDialog } from './SimulateDialog.tsx';

type Dialog = 'enable' | 'pause' | 'clear' | 'simulate' | 'delete' | null;

/** Enable or pause, and delete: each asks first. */
export function WebhookActions({ webhook }: { webhook: Webhook }) {
  const { webhooks: text, common } = useMessages();
  const [dialog, setDialog] = useState<Dialog>(null);
  const close = (): void => setDialog(null);
  return (
    <>
      {webhook.enabled ? (
        <Button
          variant="default"
          leftSection={<Pause size={15} aria-hidden />}
          onClick={() => setDialog('pause')}
        >
          {text.pause}
        </Button>
      ) : (
        <Button leftSection={<Play size={15} aria-hidden />} onClick={() => setDialog('enable')}>
          {text.enable}
        </Button>
      )}
      {webhook.enabled && (
        <Button
          variant="default"
          leftSection={<FlaskConical size={15} aria-hidden />}
          onClick={() => setDialog('simulate')}
        >
          {text.simulating.action}
        </Button>
      )}
      {webhook.usage.waiting > 0 && (
        <Button
          variant="default"
          leftSection={<ListX size={15} aria-hidden />}
          onClick={() => setDialog('clear')}
        >
          {text.clearing.action}
        </Button>
      )}
      <Tooltip label={common.delete}>
        <ActionIcon
          variant="default"
          size={36}
          c="red"
          aria-label={text.deleting.title}
          onClick={() => setDialog('delete')}
        >
          <Trash2 size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <EnableDialog webhook={webhook} opened={dialog === 'enable'} onClose={close} />
      <PauseDialog webhook={webhook} opened={dialog === 'pause'} onClose={close} />
      <SimulateDialog webhook={webhook} opened={dialog === 'simulate'} onClose={close} />
      <ClearDialog webhook={webhook} opened={dialog === 'clear'} onClose={close} />
      <DeleteDialog webhook={webhook} opened={dialog === 'delete'} onClose={close} />
    </>
  );
}

interface DialogProps {
  readonly webhook: Webhook;
  readonly opened: boolean;
  readonly onClose: () => void;
}

function EnableDialog({ webhook, opened, onClose }: DialogProps) {
  const { enabling } = useMessages().webhooks;
  const format = useFormat();
  const client = useQueryClient();
  const [from, setFrom] = useState<'continue' | 'skip'>('continue');
  const enable = async (): Promise<void> => {
    const saved = await enableWebhook(webhook.id, from);
    client.setQueryData(webhookQuery(webhook.id).queryKey, saved);
    notifications.show({ message: enabling.done, color: 'green' });
  };
  return (
    <ConfirmDialog
      opened={opened}
      title={enabling.title}
      action={enabling.title}
      onClose={onClose}
      onConfirm={enable}
    >
      <Radio.Group
        label={enabling.question}
        value={from}
        onChange={(value) => setFrom(value === 'skip' ? 'skip' : 'continue')}
      >
        <Stack gap="sm" mt="sm">
          <Radio
            value="continue"
            label={enabling.continue}
            description={enabling.continueHint(format.number(webhook.usage.waiting))}
          />
          <Radio value="skip" label={enabling.skip} description={enabling.skipHint} />
        </Stack>
      </Radio.Group>
    </ConfirmDialog>
  );
}

function PauseDialog({ webhook, opened, onClose }: DialogProps) {
  const { pausing } = useMessages().webhooks;
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const pause = async (): Promise<void> => {
    const saved = await pauseWebhook(webhook.id, reason.trim());
    client.setQueryData(webhookQuery(webhook.id).queryKey, saved);
    notifications.show({ message: pausing.done });
  };
  return (
    <ConfirmDialog
      opened={opened}
      title={pausing.title}
      action={pausing.title}
      onClose={onClose}
      onConfirm={pause}
    >
      <Text size="sm">{pausing.text}</Text>
      <TextInput
        label={pausing.reason}
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}

function ClearDialog({ webhook, opened, onClose }: DialogProps) {
  const { clearing } = useMessages().webhooks;
  const format = useFormat();
  const client = useQueryClient();
  const clear = async (): Promise<void> => {
    const { discarded } = await clearQueue(webhook.id);
    notifications.show({ message: clearing.done(format.number(discarded)) });
    await client.invalidateQueries({ queryKey: webhookQuery(webhook.id).queryKey });
  };
  return (
    <ConfirmDialog
      opened={opened}
      title={clearing.title}
      action={clearing.action}
      danger
      onClose={onClose}
      onConfirm={clear}
    >
      <Text size="sm">{clearing.text(format.number(webhook.usage.waiting))}</Text>
    </ConfirmDialog>
  );
}

function DeleteDialog({ webhook, opened, onClose }: DialogProps) {
  const { webhooks: text, common } = useMessages();
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = async (): Promise<void> => {
    await deleteWebhook(webhook.id);
    await navigate({ to: '/webhooks' });
    client.removeQueries({ queryKey: webhookQuery(webhook.id).queryKey });
    await client.invalidateQueries({ queryKey: ['webhooks'], exact: true });
    notifications.show({ message: text.deleting.done });
  };
  return (
    <ConfirmDialog
      opened={opened}
      title={text.deleting.title}
      action={common.delete}
      danger
      onClose={onClose}
      onConfirm={remove}
    >
      <Text size="sm">{text.deleting.text(webhook.name)}</Text>
    </ConfirmDialog>
  );
}
