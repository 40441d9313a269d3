import { Alert, Card, Code, Group, Loader, Progress, Select, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { previewQuery } from '../../api/queries/tryouts.ts';
import type { WebhookPreview } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { BodyView } from '../../shared/BodyView.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import type { WebhookFormState } from './form-state.ts';
import { formErrors, previewSettings } from './preview.ts';
import type { Presets } from './values.ts';

/** The server is asked once typing has paused for so long. */
const typingPauseMs = 400;

interface LivePreviewProps {
  readonly form: WebhookFormState;
  readonly presets: Presets;
  /** Types of event that fit what is chosen, for the example. */
  readonly eventTypes: readonly string[];
}

/** What the webhook would do as it is now: for which of the past events it would have fired, and what it sends. */
export function LivePreview({ form, presets, eventTypes }: LivePreviewProps) {
  const { tryOut: text } = useMessages().webhookForm;
  const [eventType, setEventType] = useState<string | null>(null);
  const settings = previewSettings(presets, form.values);
  const [asked] = useDebouncedValue(settings && JSON.stringify(settings), typingPauseMs);
  const chosen = eventType !== null && eventTypes.includes(eventType) ? eventType : null;
  const query = useQuery({
    ...previewQuery(asked === null ? null : JSON.parse(asked), chosen),
    placeholderData: keepPreviousData,
  });
  const faults = query.error ? formErrors(query.error) : {};
  const isFresh = settings !== null && JSON.stringify(settings) === asked && !query.isFetching;

  // What is wrong with the filter or the template shows at its field, while it is typed.
  const told = JSON.stringify(faults);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is found wrong counts, not the form's own changes
  useEffect(() => {
    for (const [field, detail] of Object.entries(faults)) {
      if (field === 'filter' || field.startsWith('template')) form.setFieldError(field, detail);
    }
  }, [told]);

  return (
    <Card aria-busy={query.isLoading || undefined}>
      <Group justify="space-between" mb="xs" mih={22}>
        <Title order={2}>{text.preview}</Title>
        {query.isFetching && <Loader size="xs" aria-label={text.refreshing} />}
      </Group>
      <Stack gap="sm">
        {eventTypes.length > 1 && (
          <Select
            size="xs"
            label={text.exampleType}
            placeholder={text.newest}
            clearable
            data={[...eventTypes]}
            value={chosen}
            onChange={setEventType}
          />
        )}
        {settings === null && (
          <Text size="sm" c="dimmed">
            {text.incomplete}
          </Text>
        )}
        {query.error && isFresh && <ErrorNotice error={query.error} compact />}
        {query.data && !query.error && <Preview preview={query.data} />}
      </Stack>
    </Card>
  );
}

function Preview({ preview }: { preview: WebhookPreview }) {
  const { tryOut: text } = useMessages().webhookForm;
  const format = useFormat();
  const { looked, fired, failed } = preview;
  return (
    <>
      {looked === 0 ? (
        <Text size="sm">{text.noEvents}</Text>
      ) : (
        <div>
          <Text size="sm" role="status">
            {text.fired(format.number(fired), format.number(looked))}
          </Text>
          <Progress.Root size="sm" mt={4}>
            <Progress.Section value={(fired / looked) * 100} color="green" aria-label={text.firedShare} />
            <Progress.Section value={(failed / looked) * 100} color="orange" aria-label={text.failedShare} />
          </Progress.Root>
        </div>
      )}
      {failed > 0 && (
        <Alert color="orange" p="sm">
          <Text size="sm">{text.filterFails(format.number(failed))}</Text>
          <Text size="sm">{preview.firstFailure}</Text>
        </Alert>
      )}
      {preview.bodyFailure !== null && <Alert color="red">{preview.bodyFailure}</Alert>}
      {preview.body !== null && (
        <div>
          <Text size="sm" mb={4}>
            {preview.event === null ? text.fromExample : text.fromEvent} <Code>{preview.contentType}</Code>
          </Text>
          <BodyView body={preview.body} label={text.body} />
        </div>
      )}
    </>
  );
}
