import { Badge, Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Undo2 } from 'lucide-react';
import { useLiveQuery } from '../../api/live.ts';
import { changeSetsQuery } from '../../api/queries/rows.ts';
import type { ChangeSet, Table } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Time } from '../../shared/Time.tsx';

interface HistoryDrawerProps {
  readonly table: Table;
  readonly canEdit: boolean;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onUndo: (changeSet: string) => Promise<void>;
}

/** The last changes of a table, whoever made them, each with a way back. */
export function HistoryDrawer({ table, canEdit, opened, onClose, onUndo }: HistoryDrawerProps) {
  const { bases, common } = useMessages();
  const text = bases.history;
  const query = useLiveQuery({ ...changeSetsQuery({ base: table.base, table: table.id }), enabled: opened });
  const undo = useMutation({ mutationFn: onUndo, onSettled: () => query.refetch() });
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      title={text.title}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {text.intro}
        </Text>
        {undo.error && <ErrorNotice error={undo.error} />}
        <Loaded query={query}>
          {(changes) =>
            changes.length === 0 ? (
              <Text size="sm">{text.empty}</Text>
            ) : (
              <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
                {changes.map((change) => (
                  <ChangeLine
                    key={change.id}
                    change={change}
                    busy={undo.isPending}
                    {...(canEdit ? { onUndo: () => undo.mutate(change.id) } : {})}
                  />
                ))}
              </Stack>
            )
          }
        </Loaded>
      </Stack>
    </Drawer>
  );
}

interface ChangeLineProps {
  readonly change: ChangeSet;
  readonly busy: boolean;
  readonly onUndo?: () => void;
}

function ChangeLine({ change, busy, onUndo }: ChangeLineProps) {
  const { history: text } = useMessages().bases;
  const format = useFormat();
  return (
    <li>
      <Group gap="xs" justify="space-between" wrap="nowrap">
        <div>
          <Group gap="xs">
            <Text size="sm">{text.rows(format.number(change.rows), change.rows === 1)}</Text>
            {change.undoes !== null && <Badge color="gray">{text.isUndo}</Badge>}
            {change.undoneBy !== null && <Badge color="orange">{text.undone}</Badge>}
          </Group>
          <Text size="xs" c="dimmed">
            <Time value={change.changedAt} />
          </Text>
        </div>
        {onUndo && change.undoneBy === null && (
          <Button
            size="compact-xs"
            variant="default"
            disabled={busy}
            leftSection={<Undo2 size={13} aria-hidden />}
            onClick={onUndo}
          >
            {change.undoes === null ? text.undo : text.redo}
          </Button>
        )}
      </Group>
    </li>
  );
}
