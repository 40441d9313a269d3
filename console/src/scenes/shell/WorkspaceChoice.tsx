import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { workspacesQuery } from '../../api/queries/workspaces.ts';
import { chooseWorkspace, useSessionState } from '../../api/session.ts';
import { useMessages } from '../../i18n/index.tsx';

/** The workspace in which an operator acts unless they say otherwise. */
const defaultWorkspace = 'default';

/** Lets those with several workspaces change between them; others see nothing. */
export function WorkspaceChoice() {
  const { common } = useMessages();
  const session = useSessionState();
  const me = session.kind === 'console' ? session.me : null;
  const { data: all } = useQuery({ ...workspacesQuery, enabled: me?.operator === true });
  const workspaces = me?.operator ? all : me?.memberships.map(({ workspace }) => workspace);
  if (session.kind !== 'console' || !workspaces || workspaces.length === 0) return null;
  if (workspaces.length === 1 && !me?.operator) return null;
  const current =
    session.workspace ?? workspaces.find(({ name }) => name === defaultWorkspace)?.id ?? workspaces[0]?.id;
  return (
    <Select
      aria-label={common.workspace}
      size="xs"
      w={160}
      value={current ?? null}
      allowDeselect={false}
      searchable={workspaces.length > 8}
      data={workspaces.map(({ id, name }) => ({ value: id, label: name }))}
      onChange={(value) => value !== null && value !== current && chooseWorkspace(value)}
    />
  );
}
