import {
  Alert,
  Button,
  Checkbox,
  FileInput,
  Group,
  List,
  Modal,
  Progress,
  Select,
  Stack,
  Text,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { addColumn, basesQuery } from '../../api/queries/bases.ts';
import {
  cancelImport,
  type ImportChoice,
  importFile,
  importPreviewQuery,
  importQuery,
  newImportId,
} from '../../api/queries/imports.ts';
import type { ColumnType, Import, Table } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { delimiters, guessReading } from './file-reading.ts';
import { ImportColumns } from './ImportColumns.tsx';

interface ImportDialogProps {
  readonly table: Table;
  readonly opened: boolean;
  readonly onClose: () => void;
  /** Told when rows have come. */
  readonly onRows: () => void;
}

const initialChoice: ImportChoice = { format: 'csv', delimiter: ',', onError: 'stop', fire: true };

/** Imports a file: shows where its columns go, lets a person say of which types new ones are, and how far it is. */
export function ImportDialog({ table, opened, onClose, onRows }: ImportDialogProps) {
  const { bases, common } = useMessages();
  const text = bases.csv;
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [choice, setChoice] = useState(initialChoice);
  /** Types that a person chose for new columns, by name. */
  const [types, setTypes] = useState<Readonly<Record<string, ColumnType>>>({});
  const [id, setId] = useState<string | null>(null);
  const place = { base: table.base, table: table.id };
  const { format, delimiter } = choice;
  const preview = useQuery(importPreviewQuery(place, file, { format, delimiter }));

  const run = useMutation({
    mutationFn: async (chosen: File) => {
      for (const { name, key, type, time } of preview.data?.columns ?? []) {
        if (key !== null) continue;
        const wanted = types[name] ?? type;
        await addColumn(place.base, place.table, {
          name,
          type: wanted,
          ...(wanted === 'date' && time ? { data: { time } } : {}),
        });
      }
      const newId = newImportId();
      setId(newId);
      return importFile(place, newId, chosen, choice);
    },
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: basesQuery.queryKey });
      onRows();
    },
  });
  const progress = useQuery({ ...importQuery(place, id ?? ''), enabled: id !== null && run.isPending });
  const choose = async (chosen: File | null): Promise<void> => {
    run.reset();
    setTypes({});
    if (chosen) setChoice({ ...choice, ...(await guessReading(chosen)) });
    setFile(chosen);
  };
  const close = (): void => {
    if (run.isPending) return;
    void choose(null);
    setId(null);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      size="lg"
      title={text.title}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {text.text}
        </Text>
        <Group gap="sm" align="flex-end">
          <FileInput
            flex={1}
            miw={180}
            label={text.choose}
            accept=".csv,.tsv,.txt,.jsonl,.ndjson,text/csv,application/x-ndjson"
            placeholder={text.choose}
            value={file}
            disabled={run.isPending}
            clearable
            clearButtonProps={{ 'aria-label': common.remove }}
            onChange={(chosen) => void choose(chosen)}
          />
          {format === 'csv' && (
            <Select
              w={150}
              label={text.delimiter}
              allowDeselect={false}
              value={delimiter}
              onChange={(value) => value && setChoice({ ...choice, delimiter: value })}
              data={delimiters.map((value) => ({ value, label: text.delimiters[value] }))}
            />
          )}
        </Group>
        {preview.error && <ErrorNotice error={preview.error} compact />}
        {preview.data && !run.data && (
          <ImportColumns
            table={table}
            preview={preview.data}
            types={types}
            onType={(name, type) => setTypes({ ...types, [name]: type })}
          />
        )}
        <Checkbox
          label={text.fire}
          description={text.fireHint}
          checked={choice.fire}
          onChange={(event) => setChoice({ ...choice, fire: event.currentTarget.checked })}
        />
        <Checkbox
          label={text.skip}
          checked={choice.onError === 'skip'}
          onChange={(event) =>
            setChoice({ ...choice, onError: event.currentTarget.checked ? 'skip' : 'stop' })
          }
        />
        {run.isPending && <Running progress={progress.data ?? null} />}
        {run.error && <ErrorNotice error={run.error} />}
        {run.data && <Outcome result={run.data} />}
        <Group justify="flex-end">
          {run.isPending && id !== null ? (
            <Button variant="default" onClick={() => void cancelImport(place, id)}>
              {text.stop}
            </Button>
          ) : (
            <Button variant="default" onClick={close}>
              {common.close}
            </Button>
          )}
          <Button
            disabled={file === null || !preview.data || run.data !== undefined}
            loading={run.isPending}
            onClick={() => file && run.mutate(file)}
          >
            {text.start}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Running({ progress }: { progress: Import | null }) {
  const { csv: text } = useMessages().bases;
  const format = useFormat();
  const share = progress?.bytesTotal ? (progress.bytesRead / progress.bytesTotal) * 100 : 0;
  return (
    <div role="status">
      <Progress value={share} aria-label={text.action} animated />
      <Text size="sm" mt={4} className="numeric">
        {text.running(format.number(progress?.rowsImported ?? 0))}
      </Text>
    </div>
  );
}

function Outcome({ result }: { result: Import }) {
  const { csv: text } = useMessages().bases;
  const format = useFormat();
  const rows = format.number(result.rowsImported);
  return (
    <Alert color={result.state === 'done' ? 'green' : 'orange'} role="status">
      <Text size="sm">{result.state === 'done' ? text.done(rows) : text.cancelled(rows)}</Text>
      {result.rowsSkipped > 0 && (
        <>
          <Text size="sm">{text.skipped(format.number(result.rowsSkipped))}</Text>
          <List size="sm">
            {result.skipped.map(({ line, column, detail }) => (
              <List.Item key={`${line} ${column}`}>
                {line !== null && `${text.line(format.number(line))}: `}
                {column !== null && `${column}: `}
                {detail}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Alert>
  );
}
