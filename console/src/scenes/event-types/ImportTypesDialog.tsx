import { Alert, Badge, Button, Checkbox, FileInput, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { inputProblem } from '../../api/problem.ts';
import { importEventTypes } from '../../api/queries/event-types.ts';
import type { ImportReport, Input } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';

type Wish = Input<'importEventTypes'>;
const outcomeColors: Readonly<Record<string, string>> = {
  created: 'green',
  updated: 'blue',
  unchanged: 'gray',
  archived: 'orange',
  refused: 'red',
};

/** Imports the webhooks of an OpenAPI document, or a list of event types: shows first what would change. */
export function ImportTypesDialog({ onClose }: { onClose: () => void }) {
  const { eventTypes, common } = useMessages();
  const text = eventTypes.import;
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [archiveMissing, setArchiveMissing] = useState(false);
  const run = useMutation({
    mutationFn: async ({ from, dryRun }: { from: File; dryRun: boolean }) =>
      importEventTypes({ ...(await wishOf(from, text.notJson)), archiveMissing, dryRun }),
    onSuccess: (report) =>
      report.dryRun ? undefined : client.invalidateQueries({ queryKey: ['event-types'] }),
  });
  const report = run.data;
  const isRefused = report?.data.some(({ outcome }) => outcome === 'refused') ?? false;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={text.title}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {text.text}
        </Text>
        <FileInput
          label={text.choose}
          placeholder={text.choose}
          accept=".json,application/json"
          value={file}
          clearable
          clearButtonProps={{ 'aria-label': common.remove }}
          onChange={(chosen) => {
            run.reset();
            setFile(chosen);
            if (chosen) run.mutate({ from: chosen, dryRun: true });
          }}
        />
        <Checkbox
          label={text.archiveMissing}
          checked={archiveMissing}
          onChange={(event) => {
            setArchiveMissing(event.currentTarget.checked);
            run.reset();
          }}
        />
        {run.error && <ErrorNotice error={run.error} compact />}
        {report && <Report report={report} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {common.close}
          </Button>
          {report && !report.dryRun ? null : (
            <Button
              disabled={file === null || isRefused}
              loading={run.isPending}
              onClick={() => file && run.mutate({ from: file, dryRun: report === undefined })}
            >
              {report ? text.start : text.look}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

/** A list of event types is an export of the catalogue; any other object is an OpenAPI document. */
async function wishOf(file: File, notJson: string): Promise<Wish> {
  let content: unknown;
  try {
    content = JSON.parse(await file.text());
  } catch {
    throw inputProblem(notJson);
  }
  const list = Array.isArray(content) ? content : (content as { data?: unknown } | null)?.data;
  return Array.isArray(list) ? { eventTypes: list } : { document: content as never };
}

function Report({ report }: { report: ImportReport }) {
  const { eventTypes } = useMessages();
  const text = eventTypes.import;
  return (
    <div role="status">
      {!report.dryRun && (
        <Alert color="green" p="sm" mb="xs">
          {text.done}
        </Alert>
      )}
      <Stack gap={6} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {report.data.map(({ name, outcome, changes, errors, notes }) => (
          <li key={name}>
            <Group gap="xs">
              <Text size="sm" fw={500}>
                {name}
              </Text>
              <Badge color={outcomeColors[outcome] ?? 'gray'}>{text.outcomes[outcome] ?? outcome}</Badge>
              {changes.length > 0 && (
                <Text size="xs" c="dimmed">
                  {changes.join(', ')}
                </Text>
              )}
            </Group>
            {[...(errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`), ...notes].length >
              0 && (
              <List size="xs">
                {[...(errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`), ...notes].map(
                  (line) => (
                    <List.Item key={line}>{line}</List.Item>
                  ),
                )}
              </List>
            )}
          </li>
        ))}
      </Stack>
    </div>
  );
}
