import { Button, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { createWorkspace, workspacesQuery } from '../../api/queries/workspaces.ts';
import { chooseWorkspace } from '../../api/session.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { CopyIcon } from '../../shared/CopyText.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { SimpleTable } from '../../shared/SimpleTable.tsx';
import { Time } from '../../shared/Time.tsx';
import { SettingsFrame } from './SettingsFrame.tsx';

/** The tenants of this server; for operators. */
export function WorkspacesPage() {
  const { settings, common } = useMessages();
  const text = settings.workspaces;
  const client = useQueryClient();
  const query = useQuery(workspacesQuery);
  const [creating, setCreating] = useState(false);
  const [name, setName] = useState('');
  return (
    <SettingsFrame
      section="workspaces"
      actions={
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setCreating(true)}>
          {text.create}
        </Button>
      }
    >
      <Text size="sm" c="dimmed" maw={760}>
        {text.intro}
      </Text>
      <Loaded query={query}>
        {(workspaces) => (
          <SimpleTable
            label={settings.sections.workspaces}
            items={workspaces}
            idOf={({ id }) => id}
            columns={[
              {
                key: 'name',
                header: text.name,
                cell: (workspace) => (
                  <Text size="sm" fw={500}>
                    {workspace.name}
                  </Text>
                ),
              },
              {
                key: 'id',
                header: common.columns.id,
                cell: ({ id }) => (
                  <Text size="sm" ff="monospace">
                    {id} <CopyIcon value={id} />
                  </Text>
                ),
              },
              { key: 'created', header: text.created, cell: ({ createdAt }) => <Time value={createdAt} /> },
            ]}
            actions={(workspace) => (
              <Button size="compact-xs" variant="default" onClick={() => chooseWorkspace(workspace.id)}>
                {text.open}
              </Button>
            )}
          />
        )}
      </Loaded>
      <ConfirmDialog
        opened={creating}
        title={text.create}
        action={text.create}
        onClose={() => setCreating(false)}
        onConfirm={async () => {
          await createWorkspace({ name: name.trim() });
          setName('');
          await client.invalidateQueries({ queryKey: workspacesQuery.queryKey });
        }}
      >
        <TextInput
          label={text.name}
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </ConfirmDialog>
    </SettingsFrame>
  );
}
