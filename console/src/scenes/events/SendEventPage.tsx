import {
  Alert,
  Anchor,
  Button,
  Card,
  Group,
  JsonInput,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { postEvent } from '../../api/queries/events.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { fieldErrors } from '../../shared/field-errors.ts';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Page } from '../../shared/Page.tsx';

const example = JSON.stringify({ invoice: 'INV-42', amount: 129.9, currency: 'EUR' }, null, 2);

/** A JSON object out of a text, or why it is none. */
function readObject(
  text: string,
): { ok: true; data: Record<string, unknown> } | { ok: false; because: string | null } {
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return { ok: false, because: null };
    return { ok: true, data: data as Record<string, unknown> };
  } catch (error) {
    return { ok: false, because: error instanceof Error ? error.message : String(error) };
  }
}

export function SendEventPage() {
  const { events } = useMessages();
  const text = events.form;
  const client = useQueryClient();
  const form = useForm({
    initialValues: { type: 'invoice.paid', data: example, tags: [] as string[] },
    validate: {
      data: (value) => {
        const read = readObject(value);
        return read.ok ? null : text.dataFault + (read.because ?? text.notObject);
      },
    },
  });
  const send = useMutation({
    mutationFn: ({ type, data, tags }: typeof form.values) => {
      const read = readObject(data);
      return postEvent({
        type: type.trim(), // Any members: the description of the API says "object" and no more.
        data: (read.ok ? read.data : {}) as never,
        tags: [...tags],
      });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['events'] }),
    onError: (error) => form.setErrors(placed(error)),
  });
  return (
    <Page title={events.send} parent={{ to: '/events', label: events.title }}>
      <Card maw={820}>
        <form onSubmit={form.onSubmit((values) => send.mutate(values))}>
          <Stack>
            <Text size="sm" c="dimmed">
              {text.intro}
            </Text>
            <TextInput
              label={text.type}
              description={text.typeHint}
              required
              {...form.getInputProps('type')}
            />
            <JsonInput
              label={text.data}
              autosize
              minRows={6}
              maxRows={24}
              formatOnBlur
              styles={{
                input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' },
              }}
              {...form.getInputProps('data')}
            />
            <TagsInput
              label={text.tags}
              description={text.tagsHint}
              placeholder="company:42"
              acceptValueOnBlur
              {...form.getInputProps('tags')}
            />
            {send.error && Object.keys(placed(send.error)).length === 0 && <ErrorNotice error={send.error} />}
            {send.data && (
              <Alert color="green" role="status">
                <Group gap="sm">
                  <Text size="sm">{text.sent}</Text>
                  <Anchor component={LinkTo} to={`/events/${send.data.id}`} size="sm">
                    {text.openEvent}
                  </Anchor>
                </Group>
              </Alert>
            )}
            <Group justify="flex-end">
              <Button type="submit" loading={send.isPending}>
                {text.submit}
              </Button>
            </Group>
          </Stack>
        </form>
      </Card>
    </Page>
  );
}

/** Errors by field; those inside the data or the tags show at the whole field. */
function placed(error: unknown): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [path, detail] of Object.entries(fieldErrors(error))) {
    const field = path.split('.', 1)[0] ?? '';
    if (['type', 'data', 'tags'].includes(field))
      errors[field] = path === field ? detail : `${path}: ${detail}`;
  }
  return errors;
}
