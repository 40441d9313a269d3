import {
  Alert,
  Anchor,
  Autocomplete,
  Button,
  Card,
  Group,
  JsonInput,
  List,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { CircleAlert, CircleCheck } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { dataCheckQuery, eventTypesQuery } from '../../api/queries/event-types.ts';
import { postEvent } from '../../api/queries/events.ts';
import type { EventType } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { fieldErrors } from '../../shared/field-errors.ts';
import { readObject } from '../../shared/json-text.ts';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Page } from '../../shared/Page.tsx';
import { EventsTabs } from './EventsTabs.tsx';

const route = getRouteApi('/events/send');
const firstExample = JSON.stringify({ invoice: 'INV-42', amount: 129.9, currency: 'EUR' }, null, 2);
/** Data is checked once typing has paused for so long. */
const typingPauseMs = 400;

const exampleOf = (type: EventType | undefined): string | null =>
  type?.example == null ? null : JSON.stringify(type.example, null, 2);

/** Sends an event: choose a type, edit its example, see whether it fits the schema, send. */
export function SendEventPage() {
  const { events, common } = useMessages();
  const text = events.form;
  const { type: chosen = '' } = route.useSearch();
  const client = useQueryClient();
  const { data: catalogue } = useQuery(eventTypesQuery('exclude'));
  const types = useMemo(() => (catalogue ?? []).filter(({ builtIn }) => !builtIn), [catalogue]);
  const form = useForm({
    initialValues: {
      type: chosen || 'invoice.paid',
      data: firstExample,
      tags: [] as string[],
      deliverAt: '',
    },
    validate: {
      data: (value) => {
        const read = readObject(value);
        return read.ok ? null : text.dataFault + (read.because ?? text.notObject);
      },
    },
  });

  // Whoever chooses a type gets its example, unless they have written something of their own.
  const lastExample = useRef(firstExample);
  const { type, data } = form.values;
  useEffect(() => {
    const example = exampleOf(types.find(({ name }) => name === type.trim()));
    if (example === null || form.getValues().data !== lastExample.current) return;
    lastExample.current = example;
    form.setFieldValue('data', example);
  }, [type, types, form]);

  const send = useMutation({
    mutationFn: (values: typeof form.values) => {
      const read = readObject(values.data);
      return postEvent({
        type: values.type.trim(),
        // Any members: the description of the API says "object" and no more.
        data: (read.ok ? read.data : {}) as never,
        tags: [...values.tags],
        ...(values.deliverAt === '' ? {} : { deliverAt: new Date(values.deliverAt).toISOString() }),
      });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['events'] }),
    onError: (error) => form.setErrors(placed(error)),
  });
  const isLater = send.data?.id.startsWith('evt_') === false;
  return (
    <Page title={events.send}>
      <EventsTabs />
      <Card maw={820}>
        <form onSubmit={form.onSubmit((values) => send.mutate(values))}>
          <Stack>
            <Text size="sm" c="dimmed">
              {text.intro}
            </Text>
            <Autocomplete
              label={text.type}
              description={text.typeHint}
              required
              data={types.map(({ name }) => name)}
              {...form.getInputProps('type')}
            />
            <div>
              <JsonInput
                label={text.data}
                autosize
                minRows={6}
                maxRows={24}
                formatOnBlur
                spellCheck={false}
                styles={{
                  input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' },
                }}
                {...form.getInputProps('data')}
              />
              <SchemaVerdict
                type={types.find(({ name }) => name === type.trim()) ?? null}
                data={data}
                isKnown={catalogue !== undefined}
              />
            </div>
            <TagsInput
              label={text.tags}
              description={text.tagsHint}
              placeholder="company:42"
              acceptValueOnBlur
              {...form.getInputProps('tags')}
            />
            <TextInput
              type="datetime-local"
              label={text.deliverAt}
              description={text.deliverAtHint}
              w={260}
              {...form.getInputProps('deliverAt')}
            />
            {send.error && Object.keys(placed(send.error)).length === 0 && <ErrorNotice error={send.error} />}
            {send.data && (
              <Alert color={send.data.warnings ? 'orange' : 'green'} role="status">
                <Group gap="sm">
                  <Text size="sm">{isLater ? text.scheduled : text.sent}</Text>
                  <Anchor
                    component={LinkTo}
                    to={isLater ? '/events/scheduled' : `/events/${send.data.id}`}
                    size="sm"
                  >
                    {isLater ? text.openScheduled : text.openEvent}
                  </Anchor>
                </Group>
                {send.data.warnings && <FaultList faults={send.data.warnings} />}
              </Alert>
            )}
            <Group justify="flex-end">
              <Button type="submit" loading={send.isPending}>
                {form.values.deliverAt === '' ? text.submit : common.save}
              </Button>
            </Group>
          </Stack>
        </form>
      </Card>
    </Page>
  );
}

/** Whether the data fits the schema of its type, as it is typed. */
function SchemaVerdict({ type, data, isKnown }: { type: EventType | null; data: string; isKnown: boolean }) {
  const { form: text } = useMessages().events;
  const [typed] = useDebouncedValue(data, typingPauseMs);
  const read = readObject(typed);
  const hasSchema = type !== null && type.schema !== null;
  const check = useQuery({
    ...dataCheckQuery(type?.name ?? '', read.ok ? read.data : null),
    enabled: hasSchema && read.ok,
  });
  if (!isKnown) return null;
  if (type === null) return <Verdict text={text.notInCatalogue} />;
  if (!hasSchema) return <Verdict text={text.noSchema} />;
  if (!read.ok || !check.data) return <Verdict text={text.checking} />;
  return (
    <div role="status">
      <Group gap={6} mt={6}>
        {check.data.fits ? (
          <CircleCheck size={15} color="var(--mantine-color-green-filled)" aria-hidden />
        ) : (
          <CircleAlert size={15} color="var(--mantine-color-red-filled)" aria-hidden />
        )}
        <Text size="sm">
          {check.data.fits ? text.fits : text.fitsNot}{' '}
          <Anchor component={LinkTo} to={`/event-types/${type.name}`} size="sm" underline="always">
            {text.seeSchema}
          </Anchor>
        </Text>
      </Group>
      {!check.data.fits && <FaultList faults={check.data.errors} />}
    </div>
  );
}

function Verdict({ text }: { text: string }) {
  return (
    <Text size="xs" c="dimmed" mt={4}>
      {text}
    </Text>
  );
}

function FaultList({ faults }: { faults: readonly { pointer: string; detail: string }[] }) {
  return (
    <List size="sm" lang="en">
      {faults.map(({ pointer, detail }) => (
        <List.Item key={`${pointer} ${detail}`}>
          <strong>{pointer.replace(/^\/data\/?/, '') || pointer}</strong>: {detail}
        </List.Item>
      ))}
    </List>
  );
}

/** Errors by field; those inside the data or the tags show at the whole field. */
function placed(error: unknown): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [path, detail] of Object.entries(fieldErrors(error))) {
    const field = path.split('.', 1)[0] ?? '';
    if (['type', 'data', 'tags', 'deliverAt'].includes(field))
      errors[field] = path === field ? detail : `${path}: ${detail}`;
  }
  return errors;
}
