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
import { basesQuery } from '../../api/queries/bases.ts';
import {
  cancelImport,
  type ImportChoice,
  importCsv,
  importQuery,
  newImportId,
} from '../../api/queries/imports.ts';
import type { Import, Table } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';

interface ImportDialogProps {
  readonly table: Table;
  readonly opened: boolean;
  readonly onClose: () => void;
  /** Told when rows have come. */
  readonly onRows: () => void;
}

const delimiters = [',', ';', 'tab'] as const;

/** Imports a CSV file, and shows how far it is. */
export function ImportDialog({ table, opened, onClose, onRows }: ImportDialogProps) {
  const { bases, common } = useMessages();
  const text = bases.csv;
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [choice, setChoice] = useState<ImportChoice>({
    createColumns: true,
    onError: 'stop',
    delimiter: ',',
  });
  const [id, setId] = useState<string | null>(null);
  const place = { base: table.base, table: table.id };
  const run = useMutation({
    mutationFn: (chosen: File) => {
      const newId = newImportId();
      setId(newId);
      return importCsv(place, newId, chosen, choice);
    },
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: basesQuery.queryKey });
      onRows();
    },
  });
  const progress = useQuery({ ...importQuery(place, id ?? ''), enabled: id !== null && run.isPending });
  const close = (): void => {
    if (run.isPending) return;
    run.reset();
    setId(null);
    setFile(null);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={text.title}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {text.text}
        </Text>
        <FileInput
          label={text.choose}
          accept=".csv,.tsv,.txt,text/csv"
          placeholder={text.choose}
          value={file}
          disabled={run.isPending}
          clearable
          onChange={(chosen) => {
            run.reset();
            setFile(chosen);
          }}
        />
        <Select
          label={text.delimiter}
          allowDeselect={false}
          value={choice.delimiter}
          onChange={(delimiter) => delimiter && setChoice({ ...choice, delimiter })}
          data={delimiters.map((value) => ({ value, label: text.delimiters[value] }))}
        />
        <Checkbox
          label={text.createColumns}
          checked={choice.createColumns}
          onChange={(event) => setChoice({ ...choice, createColumns: event.currentTarget.checked })}
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
          <Button disabled={file === null} loading={run.isPending} onClick={() => file && run.mutate(file)}>
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
