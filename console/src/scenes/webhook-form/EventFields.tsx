import { MultiSelect, Select, SimpleGrid, Stack, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { basesQuery, tablesQuery } from '../../api/queries/bases.ts';
import type { Column } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import type { WebhookFormState } from './form-state.ts';

const suggestions = ['*', 'row.*', 'row.inserted', 'row.updated', 'row.deleted'];

/** Which events: types, base and table, columns, tags. */
export function EventFields({ form }: { form: WebhookFormState }) {
  const { webhookForm: text } = useMessages();
  const { base, table } = form.values;
  const { data: bases = [] } = useQuery(basesQuery);
  const { data: tables = [] } = useQuery({ ...tablesQuery(base ?? ''), enabled: base !== null });
  const columns = tables.find(({ id }) => id === table)?.columns ?? [];
  const choices = (of: readonly Column[]) => of.map(({ key, name }) => ({ value: key, label: name }));
  const forget = { readyColumn: null, filterColumns: [] };

  return (
    <Stack gap="sm">
      <TagsInput
        label={text.eventTypes}
        description={text.eventTypesHint}
        data={suggestions}
        acceptValueOnBlur
        required
        {...form.getInputProps('eventTypes')}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Select
          label={text.base}
          placeholder={text.anyBase}
          clearable
          searchable
          data={bases.map(({ id, name }) => ({ value: id, label: name }))}
          value={base}
          error={form.errors.base}
          onChange={(value) => form.setValues({ base: value, table: null, ...forget })}
        />
        <Select
          label={text.table}
          placeholder={text.anyTable}
          clearable
          searchable
          disabled={base === null}
          data={tables.map(({ id, name }) => ({ value: id, label: name }))}
          value={table}
          error={form.errors.table}
          onChange={(value) => form.setValues({ table: value, ...forget })}
        />
      </SimpleGrid>
      {table !== null && (
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <Select
            label={text.readyColumn}
            description={text.readyColumnHint}
            clearable
            data={choices(columns.filter(({ type }) => type === 'checkbox'))}
            {...form.getInputProps('readyColumn')}
          />
          <MultiSelect
            label={text.filterColumns}
            description={text.filterColumnsHint}
            clearable
            searchable
            data={choices(columns)}
            {...form.getInputProps('filterColumns')}
          />
        </SimpleGrid>
      )}
      <TagsInput
        label={text.tags}
        description={text.tagsHint}
        placeholder="company:42"
        acceptValueOnBlur
        {...form.getInputProps('tags')}
      />
      <TextInput
        label={text.filter}
        description={text.filterHint}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        {...form.getInputProps('filter')}
      />
    </Stack>
  );
}
