import { ActionIcon, Badge, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link2, Plus, UserMinus } from 'lucide-react';
import { useState } from 'react';
import { toProblem } from '../../api/problem.ts';
import {
  addMember,
  changeMember,
  inviteMemberAgain,
  membersQuery,
  removeMember,
} from '../../api/queries/people.ts';
import type { Member, PasswordLink, WorkspaceRole } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { SimpleTable } from '../../shared/SimpleTable.tsx';
import { Time } from '../../shared/Time.tsx';
import { PasswordLinkDialog } from './PasswordLinkDialog.tsx';
import { RoleSelect } from './RoleSelect.tsx';
import { SettingsFrame } from './SettingsFrame.tsx';

/** Who may act in the workspace. */
export function MembersPage() {
  const { settings } = useMessages();
  const text = settings.people;
  const client = useQueryClient();
  const query = useQuery(membersQuery);
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<Member | null>(null);
  const [handed, setHanded] = useState<{ name: string; link: PasswordLink } | null>(null);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: membersQuery.queryKey });
  const change = useMutation({
    mutationFn: ({ id, role }: { id: string; role: WorkspaceRole }) => changeMember(id, { role }),
    onSettled: refresh,
    onError: (error) => notifications.show({ message: toProblem(error).message, color: 'red' }),
  });
  const again = useMutation({
    mutationFn: async ({ id, name }: Member) => setHanded({ name, link: await inviteMemberAgain(id) }),
    onError: (error) => notifications.show({ message: toProblem(error).message, color: 'red' }),
  });
  return (
    <SettingsFrame
      section="members"
      actions={
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setInviting(true)}>
          {text.invite}
        </Button>
      }
    >
      <Loaded query={query}>
        {(members) =>
          members.length === 0 ? (
            <Text c="dimmed">{text.noMembers}</Text>
          ) : (
            <SimpleTable
              label={settings.sections.members}
              items={members}
              idOf={({ id }) => id}
              columns={[
                { key: 'name', header: text.name, cell: (member) => <PersonName {...member} /> },
                {
                  key: 'role',
                  header: text.role,
                  cell: ({ id, name, role }) =>
                    role === 'operator' ? (
                      <Badge color="gray">{settings.roles.operator}</Badge>
                    ) : (
                      <RoleSelect
                        size="xs"
                        w={140}
                        aria-label={`${text.role}: ${name}`}
                        value={role}
                        onChange={(next) => change.mutate({ id, role: next })}
                      />
                    ),
                },
                {
                  key: 'last',
                  header: text.lastSignIn,
                  cell: ({ lastSignInAt }) => <Time value={lastSignInAt} />,
                },
              ]}
              actions={(member) => (
                <Group gap={4} justify="flex-end" wrap="nowrap">
                  {!member.hasPassword && (
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={`${text.newLink}: ${member.name}`}
                      onClick={() => again.mutate(member)}
                    >
                      <Link2 size={15} aria-hidden />
                    </ActionIcon>
                  )}
                  {member.role !== 'operator' && (
                    <ActionIcon
                      variant="subtle"
                      color="red"
                      aria-label={`${text.remove}: ${member.name}`}
                      onClick={() => setRemoving(member)}
                    >
                      <UserMinus size={15} aria-hidden />
                    </ActionIcon>
                  )}
                </Group>
              )}
            />
          )
        }
      </Loaded>
      {inviting && (
        <InviteDialog
          onClose={() => setInviting(false)}
          onInvited={async (name, link) => {
            if (link) setHanded({ name, link });
            await refresh();
          }}
        />
      )}
      <ConfirmDialog
        opened={removing !== null}
        title={text.remove}
        action={text.remove}
        danger
        onClose={() => setRemoving(null)}
        onConfirm={async () => {
          if (removing) await removeMember(removing.id);
          await refresh();
        }}
      >
        <Text size="sm">{text.removeText(removing?.name ?? '')}</Text>
      </ConfirmDialog>
      <PasswordLinkDialog
        name={handed?.name ?? ''}
        link={handed?.link ?? null}
        onClose={() => setHanded(null)}
      />
    </SettingsFrame>
  );
}

/** A person with their address, and whether they cannot sign in. */
export function PersonName({
  name,
  email,
  state,
  hasPassword,
}: Pick<Member, 'name' | 'email' | 'state' | 'hasPassword'>) {
  const { people: text } = useMessages().settings;
  return (
    <div>
      <Group gap="xs">
        <Text size="sm" fw={500}>
          {name}
        </Text>
        {state === 'suspended' && <Badge color="red">{text.suspended}</Badge>}
        {state === 'active' && !hasPassword && <Badge color="orange">{text.invited}</Badge>}
      </Group>
      <Text size="xs" c="dimmed">
        {email}
      </Text>
    </div>
  );
}

interface InviteDialogProps {
  readonly onClose: () => void;
  readonly onInvited: (name: string, link: PasswordLink | null) => Promise<void>;
}

function InviteDialog({ onClose, onInvited }: InviteDialogProps) {
  const { people: text } = useMessages().settings;
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<WorkspaceRole>('editor');
  return (
    <ConfirmDialog
      opened
      title={text.invite}
      action={text.invite}
      onClose={onClose}
      onConfirm={async () => {
        const given = name.trim() === '' ? {} : { name: name.trim() };
        const member = await addMember({ email: email.trim(), role, ...given });
        await onInvited(member.name, member.passwordLink);
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={text.email}
          type="email"
          required
          data-autofocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <TextInput label={text.name} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <RoleSelect label={text.role} value={role} onChange={setRole} />
      </Stack>
    </ConfirmDialog>
  );
}
