import { ActionIcon, Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { endMembership, setMembership } from '../../api/queries/people.ts';
import { workspacesQuery } from '../../api/queries/workspaces.ts';
import type { Person, WorkspaceRole } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { RoleSelect } from './RoleSelect.tsx';

interface MembershipsDialogProps {
  readonly person: Person;
  readonly onClose: () => void;
  readonly onChanged: () => Promise<void>;
}

/** In which workspaces a person acts, and as what. */
export function MembershipsDialog({ person, onClose, onChanged }: MembershipsDialogProps) {
  const { settings, common } = useMessages();
  const text = settings.people;
  const { data: workspaces = [] } = useQuery(workspacesQuery);
  const [added, setAdded] = useState<string | null>(null);
  const [role, setRole] = useState<WorkspaceRole>('editor');
  const change = useMutation({
    mutationFn: ({ workspace, as }: { workspace: string; as: WorkspaceRole | null }) =>
      as === null ? endMembership(person.id, workspace) : setMembership(person.id, workspace, as),
    onSettled: onChanged,
  });
  const free = workspaces.filter(
    ({ id }) => !person.memberships.some(({ workspace }) => workspace.id === id),
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title={text.membershipsOf(person.name)}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <Stack>
        {person.memberships.length === 0 && (
          <Text size="sm" c="dimmed">
            {text.nowhere}
          </Text>
        )}
        {person.memberships.map(({ workspace, role: current }) => (
          <Group key={workspace.id} gap="xs" wrap="nowrap">
            <Text size="sm" flex={1}>
              {workspace.name}
            </Text>
            <RoleSelect
              size="xs"
              w={140}
              aria-label={`${text.role}: ${workspace.name}`}
              value={current}
              onChange={(as) => change.mutate({ workspace: workspace.id, as })}
            />
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={`${text.remove}: ${workspace.name}`}
              onClick={() => change.mutate({ workspace: workspace.id, as: null })}
            >
              <X size={15} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        {change.error && <ErrorNotice error={change.error} compact />}
        {free.length > 0 && (
          <Group gap="xs" align="flex-end">
            <Select
              size="xs"
              flex={1}
              label={text.addTo}
              searchable
              value={added}
              onChange={setAdded}
              data={free.map(({ id, name }) => ({ value: id, label: name }))}
            />
            <RoleSelect size="xs" w={140} aria-label={text.role} value={role} onChange={setRole} />
            <Button
              size="xs"
              disabled={added === null}
              loading={change.isPending}
              onClick={() => {
                if (added !== null) change.mutate({ workspace: added, as: role });
                setAdded(null);
              }}
            >
              {common.add}
            </Button>
          </Group>
        )}
      </Stack>
    </Modal>
  );
}
