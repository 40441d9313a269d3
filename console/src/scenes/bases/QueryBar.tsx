import { ActionIcon, Button, Group, Popover, Select, Stack, TextInput } from '@mantine/core';
import { ArrowDownAZ, ArrowUpAZ, ListFilter, Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { RowQuery } from '../../api/queries/rows.ts';
import type { Column } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { type Condition, filterText, isSortable, operatorsOf, readFilter } from './row-filter.ts';

interface QueryBarProps {
  readonly columns: readonly Column[];
  readonly query: RowQuery;
  readonly onChange: (query: RowQuery) => void;
}

/** Which rows are shown, and in which order. */
export function QueryBar(props: QueryBarProps) {
  return (
    <>
      <FilterButton {...props} />
      <SortChoice {...props} />
    </>
  );
}

function FilterButton({ columns, query, onChange }: QueryBarProps) {
  const { rowFilter: text } = useMessages().bases;
  const format = useFormat();
  const [opened, setOpened] = useState(false);
  const count = query.filter?.length ?? 0;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus shadow="md" width={460}>
      <Popover.Target>
        <Button
          size="xs"
          variant={count > 0 ? 'light' : 'default'}
          leftSection={<ListFilter size={14} aria-hidden />}
          onClick={() => setOpened(!opened)}
        >
          {count > 0 ? `${text.filter} (${format.number(count)})` : text.filter}
        </Button>
      </Popover.Target>
      <Popover.Dropdown maw="calc(100vw - 2rem)">
        {opened && (
          <FilterForm
            columns={columns}
            initial={(query.filter ?? []).flatMap((filter) => readFilter(filter) ?? [])}
            onApply={(conditions) => {
              setOpened(false);
              const { filter: _, ...rest } = query;
              onChange(conditions.length > 0 ? { ...rest, filter: conditions.map(filterText) } : rest);
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

interface Line extends Condition {
  readonly id: number;
}

function FilterForm({
  columns,
  initial,
  onApply,
}: {
  columns: readonly Column[];
  initial: readonly Condition[];
  onApply: (conditions: readonly Condition[]) => void;
}) {
  const { bases, common } = useMessages();
  const text = bases.rowFilter;
  const blank = (id: number): Line => ({ id, column: columns[0]?.key ?? '', operator: '=', value: '' });
  const [lines, setLines] = useState<readonly Line[]>(() =>
    initial.length > 0 ? initial.map((condition, id) => ({ ...condition, id })) : [blank(0)],
  );
  const change = (id: number, part: Partial<Condition>): void =>
    setLines((old) => old.map((line) => (line.id === id ? { ...line, ...part } : line)));
  const typeOf = (key: string): Column['type'] => columns.find((each) => each.key === key)?.type ?? 'text';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onApply(lines.map(({ column, operator, value }) => ({ column, operator, value })));
      }}
    >
      <Stack gap="xs">
        {lines.map(({ id, column, operator, value }) => (
          <Group key={id} gap={6} wrap="nowrap">
            <Select
              size="xs"
              flex={2}
              aria-label={text.column}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
              data={columns.map(({ key, name }) => ({ value: key, label: name }))}
              value={column}
              onChange={(key) => key && change(id, { column: key, operator: '=' })}
            />
            <Select
              size="xs"
              flex={2}
              aria-label={text.comparison}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
              data={operatorsOf(typeOf(column)).map((each) => ({ value: each, label: text.operators[each] }))}
              value={operator}
              onChange={(each) => each && change(id, { operator: each as Condition['operator'] })}
            />
            <TextInput
              size="xs"
              flex={2}
              aria-label={text.value}
              placeholder={text.empty}
              value={value}
              onChange={(event) => change(id, { value: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={common.remove}
              onClick={() => setLines((old) => old.filter((line) => line.id !== id))}
            >
              <X size={15} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Group justify="space-between">
          <Button
            size="xs"
            variant="subtle"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() => setLines((old) => [...old, blank((old.at(-1)?.id ?? 0) + 1)])}
          >
            {text.add}
          </Button>
          <Button size="xs" type="submit">
            {text.apply}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function SortChoice({ columns, query, onChange }: QueryBarProps) {
  const { rowFilter: text } = useMessages().bases;
  const descending = query.order === 'desc';
  const { sort, order: _, ...unsorted } = query;
  return (
    <Group gap={4} wrap="nowrap">
      <Select
        size="xs"
        w={150}
        aria-label={text.sortBy}
        placeholder={text.unsorted}
        clearable
        data={columns
          .filter(({ type }) => isSortable(type))
          .map(({ key, name }) => ({ value: key, label: name }))}
        value={sort ?? null}
        onChange={(key) => onChange(key === null ? unsorted : { ...query, sort: key })}
      />
      {sort !== undefined && (
        <ActionIcon
          variant="default"
          size={30}
          aria-label={descending ? text.ascending : text.descending}
          title={descending ? text.ascending : text.descending}
          onClick={() => onChange(descending ? { ...unsorted, sort } : { ...query, order: 'desc' })}
        >
          {descending ? <ArrowUpAZ size={15} aria-hidden /> : <ArrowDownAZ size={15} aria-hidden />}
        </ActionIcon>
      )}
    </Group>
  );
}
