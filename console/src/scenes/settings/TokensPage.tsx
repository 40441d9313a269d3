import {
  ActionIcon,
  Badge,
  Button,
  Card,
  Group,
  Modal,
  Select,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { createToken, deleteToken, tokensQuery } from '../../api/queries/tokens.ts';
import { useMay } from '../../api/session.ts';
import type { Token, WorkspaceRole } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { SecretOnce } from '../../shared/SecretOnce.tsx';
import { SimpleTable } from '../../shared/SimpleTable.tsx';
import { Time } from '../../shared/Time.tsx';
import { RoleSelect } from './RoleSelect.tsx';
import { SettingsFrame } from './SettingsFrame.tsx';

type Scope = Token['scope'];

/** The tokens of programs: of the workspace, and for operators those that may do everything. */
export function TokensPage() {
  const { tokens: text } = useMessages().settings;
  const isOperator = useMay('operator');
  const [creating, setCreating] = useState(false);
  return (
    <SettingsFrame
      section="tokens"
      actions={
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setCreating(true)}>
          {text.create}
        </Button>
      }
    >
      <Text size="sm" c="dimmed" maw={760}>
        {text.intro}
      </Text>
      <TokenList scope="workspace" />
      {isOperator && <TokenList scope="operator" />}
      {creating && <NewTokenDialog isOperator={isOperator} onClose={() => setCreating(false)} />}
    </SettingsFrame>
  );
}

function TokenList({ scope }: { scope: Scope }) {
  const { settings } = useMessages();
  const text = settings.tokens;
  const query = useQuery(tokensQuery(scope));
  const client = useQueryClient();
  const [deleting, setDeleting] = useState<Token | null>(null);
  const remove = async (): Promise<void> => {
    if (deleting) await deleteToken(deleting.id);
    await client.invalidateQueries({ queryKey: ['tokens'] });
  };
  return (
    <Card>
      <Title order={2} mb="xs">
        {text.scopes[scope]}
      </Title>
      <Loaded query={query}>
        {(tokens) =>
          tokens.length === 0 ? (
            <Text size="sm" c="dimmed">
              {text.none}
            </Text>
          ) : (
            <SimpleTable
              label={text.scopes[scope]}
              items={tokens}
              idOf={({ id }) => id}
              columns={[
                {
                  key: 'name',
                  header: text.name,
                  cell: ({ name }) => (
                    <Text size="sm" fw={500}>
                      {name}
                    </Text>
                  ),
                },
                {
                  key: 'role',
                  header: text.role,
                  cell: ({ role }) => <Badge color="gray">{settings.roles[role]}</Badge>,
                },
                { key: 'created', header: text.created, cell: ({ createdAt }) => <Time value={createdAt} /> },
                { key: 'used', header: text.lastUsed, cell: ({ lastUsedAt }) => <Time value={lastUsedAt} /> },
                {
                  key: 'expires',
                  header: text.expires,
                  cell: ({ expiresAt }) => <Time value={expiresAt} />,
                },
              ]}
              actions={(token) => (
                <ActionIcon
                  variant="subtle"
                  color="red"
                  aria-label={`${text.deleting}: ${token.name}`}
                  onClick={() => setDeleting(token)}
                >
                  <Trash2 size={15} aria-hidden />
                </ActionIcon>
              )}
            />
          )
        }
      </Loaded>
      <ConfirmDialog
        opened={deleting !== null}
        title={text.deleting}
        action={text.delete}
        danger
        onClose={() => setDeleting(null)}
        onConfirm={remove}
      >
        <Text size="sm">{text.deleteText(deleting?.name ?? '')}</Text>
      </ConfirmDialog>
    </Card>
  );
}

const lifetimes = [null, 30, 90, 365] as const;
const dayMs = 86_400_000;

function NewTokenDialog({ isOperator, onClose }: { isOperator: boolean; onClose: () => void }) {
  const { settings, common } = useMessages();
  const text = settings.tokens;
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('workspace');
  const [role, setRole] = useState<WorkspaceRole>('editor');
  const [days, setDays] = useState<number | null>(null);
  const create = useMutation({
    mutationFn: () =>
      createToken({
        name: name.trim(),
        scope,
        ...(scope === 'workspace' ? { role } : {}),
        ...(days === null ? {} : { expiresAt: new Date(Date.now() + days * dayMs).toISOString() }),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  });
  return (
    <Modal opened onClose={onClose} title={text.create} closeButtonProps={{ 'aria-label': common.close }}>
      {create.data ? (
        <Stack>
          <SecretOnce text={text.shownOnce} value={create.data.token} />
          <Group justify="flex-end">
            <Button onClick={onClose} data-autofocus>
              {common.close}
            </Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Stack>
            <TextInput
              label={text.name}
              description={text.nameHint}
              value={name}
              required
              data-autofocus
              onChange={(event) => setName(event.currentTarget.value)}
            />
            {isOperator && (
              <Select
                label={text.scope}
                allowDeselect={false}
                value={scope}
                onChange={(value) => setScope(value === 'operator' ? 'operator' : 'workspace')}
                data={(['workspace', 'operator'] as const).map((value) => ({
                  value,
                  label: text.scopes[value],
                }))}
              />
            )}
            {scope === 'workspace' && <RoleSelect label={text.role} value={role} onChange={setRole} />}
            <Select
              label={text.expires}
              allowDeselect={false}
              value={String(days)}
              onChange={(value) => setDays(value === 'null' || value === null ? null : Number(value))}
              data={lifetimes.map((value) => ({
                value: String(value),
                label: value === null ? common.never : text.inDays(String(value)),
              }))}
            />
            {create.error && <ErrorNotice error={create.error} compact />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {common.cancel}
              </Button>
              <Button type="submit" loading={create.isPending}>
                {text.create}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
