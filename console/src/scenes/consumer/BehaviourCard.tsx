import { Button, Card, Group, NumberInput, Select, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { inboxQuery, setBehaviour } from '../../api/queries/consumer.ts';
import type { BehaviourInput, Inbox, InboxPage } from '../../api/types.ts';
import type { Format } from '../../i18n/format.ts';
import { type Messages, useFormat, useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { fieldErrors } from '../../shared/field-errors.ts';

type BehaviourText = Messages['consumer']['behaviour'];
type Kind = NonNullable<BehaviourInput['kind']>;
const kinds: readonly Kind[] = ['answer', 'never-answer', 'reset-connection'];

const shortcuts = {
  friendly: { kind: 'answer', status: 200 },
  fail: { kind: 'answer', status: 500 },
  slow: { kind: 'answer', status: 200, delayMs: 5_000 },
  gone: { kind: 'answer', status: 410 },
} as const satisfies Record<string, BehaviourInput>;

function describe({ behaviour }: Inbox, text: BehaviourText, format: Format): string {
  const parts = [
    behaviour.kind === 'answer' ? text.answers(String(behaviour.status ?? 200)) : text.kinds[behaviour.kind],
  ];
  if (behaviour.delayMs) parts.push(text.after(format.duration(behaviour.delayMs)));
  if (behaviour.forNextRequests !== null) parts.push(text.forNext(format.number(behaviour.forNextRequests)));
  return parts.join(' ');
}

/** Says how an inbox answers, and changes it: fail, be slow, break off. */
export function BehaviourCard({ inbox }: { inbox: Inbox }) {
  const { behaviour: text } = useMessages().consumer;
  const format = useFormat();
  const client = useQueryClient();
  const form = useForm<{
    kind: Kind;
    status: number | '';
    delayMs: number | '';
    forNextRequests: number | '';
  }>({
    initialValues: { kind: 'answer', status: 503, delayMs: '', forNextRequests: '' },
  });
  const change = useMutation({
    mutationFn: (behaviour: BehaviourInput) => setBehaviour(inbox.name, behaviour),
    onSuccess: (saved) =>
      client.setQueryData<InboxPage>(inboxQuery(inbox.name).queryKey, (old) => old && { ...old, ...saved }),
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  const apply = ({ kind, status, delayMs, forNextRequests }: typeof form.values): void =>
    change.mutate({
      kind,
      ...(kind === 'answer' && status !== '' ? { status } : {}),
      ...(kind !== 'never-answer' && delayMs !== '' ? { delayMs } : {}),
      ...(forNextRequests === '' ? {} : { forNextRequests }),
    });

  return (
    <Card>
      <Title order={2} mb={4}>
        {text.title}
      </Title>
      <Text size="sm" mb="sm" aria-live="polite">
        {text.now}: <strong>{describe(inbox, text, format)}</strong>
      </Text>
      <Group gap="xs" mb="md">
        {(Object.keys(shortcuts) as (keyof typeof shortcuts)[]).map((name) => (
          <Button
            key={name}
            size="xs"
            variant="default"
            disabled={change.isPending}
            onClick={() => change.mutate(shortcuts[name])}
          >
            {text.presets[name]}
          </Button>
        ))}
      </Group>
      <Title order={3} mb="xs">
        {text.own}
      </Title>
      <form onSubmit={form.onSubmit(apply)}>
        <Stack gap="xs">
          <Select
            label={text.kind}
            allowDeselect={false}
            data={kinds.map((value) => ({ value, label: text.kinds[value] }))}
            {...form.getInputProps('kind')}
          />
          <Group grow align="flex-start" gap="xs">
            {form.values.kind === 'answer' && (
              <NumberInput label={text.status} min={200} max={599} {...form.getInputProps('status')} />
            )}
            {form.values.kind !== 'never-answer' && (
              <NumberInput label={text.delay} min={0} max={120_000} {...form.getInputProps('delayMs')} />
            )}
          </Group>
          <NumberInput
            label={text.next}
            description={text.nextHint}
            min={1}
            {...form.getInputProps('forNextRequests')}
          />
          {change.error && Object.keys(fieldErrors(change.error)).length === 0 && (
            <ErrorNotice error={change.error} />
          )}
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending}>
              {text.apply}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
