import {
  Button,
  Card,
  Checkbox,
  Group,
  JsonInput,
  Select,
  Stack,
  TagsInput,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { createEventType, eventTypeQuery, putEventType } from '../../api/queries/event-types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { fieldErrors } from '../../shared/field-errors.ts';
import { readObject } from '../../shared/json-text.ts';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { definitionOf, emptyType, type TypeValues, typeValues } from './values.ts';

const route = getRouteApi('/event-types/$name/edit');

export function NewEventTypePage() {
  const { eventTypes: text } = useMessages();
  return (
    <Page title={text.create} parent={{ to: '/event-types', label: text.title }}>
      <TypeForm
        initial={emptyType}
        isNew
        back="/event-types"
        onSave={(values) => createEventType({ name: values.name.trim(), ...definitionOf(values) })}
      />
    </Page>
  );
}

export function EditEventTypePage() {
  const { eventTypes: text } = useMessages();
  const { name } = route.useParams();
  const query = useQuery(eventTypeQuery(name));
  return (
    <Page title={text.editTitle(name)} parent={{ to: `/event-types/${name}`, label: name }}>
      <Loaded query={query}>
        {(type) => (
          <TypeForm
            key={type.name}
            initial={typeValues(type)}
            back={`/event-types/${name}`}
            onSave={(values) => putEventType(name, definitionOf(values))}
          />
        )}
      </Loaded>
    </Page>
  );
}

interface TypeFormProps {
  readonly initial: TypeValues;
  readonly isNew?: boolean;
  readonly back: string;
  readonly onSave: (values: TypeValues) => Promise<{ name: string }>;
}

const json = { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' };
const enforcements = ['off', 'warn', 'refuse'] as const;

function TypeForm({ initial, isNew = false, back, onSave }: TypeFormProps) {
  const { eventTypes: text, settings, common } = useMessages();
  const client = useQueryClient();
  const navigate = useNavigate();
  const faultOfJson = (value: string): string | null =>
    value.trim() === '' || readObject(value).ok ? null : text.notObject;
  const form = useForm<TypeValues>({
    initialValues: initial,
    validate: {
      name: (value) => (value.trim() === '' ? text.nameNeeded : null),
      schema: faultOfJson,
      example: faultOfJson,
    },
  });
  const save = useMutation({
    mutationFn: onSave,
    onSuccess: async ({ name }) => {
      await client.invalidateQueries({ queryKey: ['event-types'] });
      notifications.show({ message: text.saved, color: 'green' });
      await navigate({ to: '/event-types/$name', params: { name } });
    },
    onError: (error) => form.setErrors(placed(error)),
  });
  return (
    <Card maw={820}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
        <Stack>
          {isNew && (
            <TextInput
              label={text.name}
              description={text.nameHint}
              required
              placeholder="invoice.paid"
              spellCheck={false}
              {...form.getInputProps('name')}
            />
          )}
          <Textarea label={text.description} autosize minRows={2} {...form.getInputProps('description')} />
          <TagsInput
            label={text.groups}
            description={text.groupsHint}
            acceptValueOnBlur
            {...form.getInputProps('groups')}
          />
          <JsonInput
            label={text.schema}
            description={text.schemaHint}
            autosize
            minRows={5}
            maxRows={24}
            formatOnBlur
            spellCheck={false}
            styles={{ input: json }}
            {...form.getInputProps('schema')}
          />
          <JsonInput
            label={text.example}
            description={text.exampleHint}
            autosize
            minRows={4}
            maxRows={24}
            formatOnBlur
            spellCheck={false}
            styles={{ input: json }}
            {...form.getInputProps('example')}
          />
          <Select
            label={text.enforcement}
            placeholder={text.asWorkspace}
            clearable
            data={enforcements.map((value) => ({ value, label: settings.publishing.enforcements[value] }))}
            {...form.getInputProps('enforcement')}
          />
          <Checkbox label={text.isDeprecated} {...form.getInputProps('deprecated', { type: 'checkbox' })} />
          {form.values.deprecated && (
            <TextInput label={text.deprecationNote} {...form.getInputProps('deprecationNote')} />
          )}
          {initial.archived && (
            <Checkbox label={text.isArchived} {...form.getInputProps('archived', { type: 'checkbox' })} />
          )}
          {save.error && Object.keys(placed(save.error)).length === 0 && <ErrorNotice error={save.error} />}
          <Group justify="flex-end">
            <Button component={LinkTo} to={back} variant="default">
              {common.cancel}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {common.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

/** Errors by field; those inside the schema or the example show at the whole field. */
function placed(error: unknown): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [path, detail] of Object.entries(fieldErrors(error))) {
    const field = path.split('.', 1)[0] ?? '';
    if (!(field in emptyType)) continue;
    const line = path === field ? detail : `${path}: ${detail}`;
    errors[field] = errors[field] === undefined ? line : `${errors[field]}\n${line}`;
  }
  return errors;
}
