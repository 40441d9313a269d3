import {
  ActionIcon,
  Button,
  Checkbox,
  ColorInput,
  Group,
  Input,
  Select,
  Stack,
  TextInput,
} from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { tablesQuery } from '../../api/queries/bases.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { fieldErrors } from '../../shared/field-errors.ts';
import {
  type ColumnValues,
  canBeIndexed,
  columnTypes,
  emptyColumn,
  isFilledIn,
  newOption,
} from './column-values.ts';

type ColumnForm = UseFormReturnType<ColumnValues>;

const swatches = ['#FFE3E3', '#FFE8CC', '#FFF3BF', '#D3F9D8', '#C5F6FA', '#D0EBFF', '#E5DBFF', '#E9ECEF'];

/** The form of a column, and how what the server refuses gets to its fields. */
export function useColumnForm(initial: ColumnValues = emptyColumn): {
  form: ColumnForm;
  refuse: (error: unknown) => void;
} {
  const form = useForm<ColumnValues>({ initialValues: initial });
  return { form, refuse: (error) => form.setErrors(placed(error)) };
}

/** `data.options.0.name` shows at the options, `data.table` at the table. */
function placed(error: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fieldErrors(error)).map(([path, detail]) => {
      const steps = path.replace(/^data\./, '').split('.');
      return [steps[0] ?? '', steps.length > 1 ? `${steps.slice(1).join(' ')}: ${detail}` : detail];
    }),
  );
}

interface ColumnFieldsProps {
  readonly form: ColumnForm;
  readonly base: string;
  readonly error: unknown;
  readonly withName?: boolean;
  /** With a choice of the type; `conversion`: of those that a column can be converted into. */
  readonly withType?: boolean | 'conversion';
}

/** Everything that can be said about a column. */
export function ColumnFields({ form, base, error, withName = true, withType = false }: ColumnFieldsProps) {
  const { columns: text } = useMessages().bases;
  const { type } = form.values;
  const { data: tables = [] } = useQuery({ ...tablesQuery(base), enabled: type === 'link' });
  const isUnplaced = error !== null && !Object.keys(placed(error)).some((path) => path in form.values);
  const types = withType === 'conversion' ? columnTypes.filter((each) => !isFilledIn(each)) : columnTypes;
  return (
    <>
      {withName && <TextInput label={text.name} required {...form.getInputProps('name')} />}
      {withType !== false && (
        <Select
          label={text.type}
          allowDeselect={false}
          data={types.map((value) => ({ value, label: text.types[value] }))}
          {...form.getInputProps('type')}
        />
      )}
      {(type === 'single-select' || type === 'multiple-select') && <OptionFields form={form} />}
      {type === 'date' && (
        <Checkbox label={text.withTime} {...form.getInputProps('time', { type: 'checkbox' })} />
      )}
      {type === 'auto-number' && <TextInput label={text.prefix} {...form.getInputProps('prefix')} />}
      {type === 'link' && (
        <Select
          label={text.linkTable}
          data={tables.map(({ id, name }) => ({ value: id, label: name }))}
          {...form.getInputProps('table')}
        />
      )}
      {canBeIndexed(type) && (
        <Checkbox
          label={text.indexed}
          description={text.indexedHint}
          {...form.getInputProps('indexed', { type: 'checkbox' })}
        />
      )}
      {isUnplaced && <ErrorNotice error={error} />}
    </>
  );
}

function OptionFields({ form }: { form: ColumnForm }) {
  const { bases, common } = useMessages();
  const text = bases.columns;
  return (
    <Input.Wrapper label={text.options} labelElement="div" error={form.errors.options}>
      <Stack gap={6} mt={4}>
        {form.values.options.map(({ line, name }, place) => (
          <Group key={line} gap={6} wrap="nowrap">
            <TextInput
              size="xs"
              flex={1}
              aria-label={text.optionName}
              {...form.getInputProps(`options.${place}.name`)}
            />
            <ColorInput
              size="xs"
              w={120}
              aria-label={text.optionColor}
              placeholder="#D3F9D8"
              swatches={swatches}
              swatchesPerRow={8}
              withEyeDropper={false}
              eyeDropperButtonProps={{ 'aria-label': text.optionColor }}
              {...form.getInputProps(`options.${place}.color`)}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`${common.remove}: ${name}`}
              onClick={() => form.removeListItem('options', place)}
            >
              <X size={15} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Button
          size="compact-xs"
          variant="default"
          w="fit-content"
          leftSection={<Plus size={13} aria-hidden />}
          onClick={() =>
            form.insertListItem(
              'options',
              newOption('', swatches[form.values.options.length % swatches.length]),
            )
          }
        >
          {text.addOption}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
