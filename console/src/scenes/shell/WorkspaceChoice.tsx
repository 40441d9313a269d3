import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { workspacesQuery } from '../../api/queries/workspaces.ts';
import { chooseWorkspace, useSession } from '../../api/session.ts';
import { useMessages } from '../../i18n/index.tsx';

/** The workspace in which an operator acts unless they say otherwise. */
const defaultWorkspace = 'default';

/** Lets an operator change the workspace; others have only one and see nothing. */
export function WorkspaceChoice() {
  const { common } = useMessages();
  const session = useSession();
  const { data: workspaces } = useQuery(workspacesQuery);
  if (!workspaces || workspaces.length === 0) return null;
  const current = session?.workspace ?? workspaces.find(({ name }) => name === defaultWorkspace)?.id ?? null;
  return (
    <Select
      aria-label={common.workspace}
      size="xs"
      w={160}
      value={current}
      allowDeselect={false}
      searchable={workspaces.length > 8}
      data={workspaces.map(({ id, name }) => ({ value: id, label: name }))}
      onChange={(value) => value !== null && value !== current && chooseWorkspace(value)}
    />
  );
}
