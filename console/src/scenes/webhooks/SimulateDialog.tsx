import { Autocomplete, JsonInput, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { inputProblem } from '../../api/problem.ts';
import { simulateEvent } from '../../api/queries/tryouts.ts';
import type { Webhook } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';

interface SimulateDialogProps {
  readonly webhook: Webhook;
  readonly opened: boolean;
  readonly onClose: () => void;
}

const rowTypes = ['row.inserted', 'row.updated', 'row.deleted'];

/** Sends the webhook an event that never happened: an example, or data that a person writes. */
export function SimulateDialog({ webhook, opened, onClose }: SimulateDialogProps) {
  const { simulating: text } = useMessages().webhooks;
  const client = useQueryClient();
  const exact = webhook.eventTypes.filter((type) => !type.includes('*'));
  const [type, setType] = useState(exact[0] ?? 'row.updated');
  const [data, setData] = useState('');
  const simulate = async (): Promise<void> => {
    await simulateEvent(webhook.id, type.trim(), readData(data, text.dataFault));
    notifications.show({ message: text.done, color: 'green' });
    await client.invalidateQueries({ queryKey: ['deliveries'] });
  };
  return (
    <ConfirmDialog
      opened={opened}
      title={text.title}
      action={text.action}
      onClose={onClose}
      onConfirm={simulate}
    >
      <Text size="sm" c="dimmed">
        {text.text}
      </Text>
      <Autocomplete
        label={text.type}
        data={[...new Set([...exact, ...rowTypes])]}
        value={type}
        onChange={setType}
      />
      <JsonInput
        label={text.data}
        autosize
        minRows={4}
        maxRows={16}
        formatOnBlur
        value={data}
        onChange={setData}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' } }}
      />
    </ConfirmDialog>
  );
}

function readData(text: string, fault: string): Record<string, unknown> | null {
  if (text.trim() === '') return null;
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw inputProblem(fault);
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw inputProblem(fault);
  return data as Record<string, unknown>;
}
