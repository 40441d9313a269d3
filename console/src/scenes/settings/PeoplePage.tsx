import { ActionIcon, Badge, Button, Checkbox, Menu, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, Plus } from 'lucide-react';
import { useState } from 'react';
import { toProblem } from '../../api/problem.ts';
import {
  changePerson,
  createPasswordLink,
  createPerson,
  deletePerson,
  peopleQuery,
  signPersonOut,
} from '../../api/queries/people.ts';
import { useMe } from '../../api/session.ts';
import type { PasswordLink, Person } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { SimpleTable } from '../../shared/SimpleTable.tsx';
import { Time } from '../../shared/Time.tsx';
import { MembershipsDialog } from './MembershipsDialog.tsx';
import { PersonName } from './MembersPage.tsx';
import { PasswordLinkDialog } from './PasswordLinkDialog.tsx';
import { SettingsFrame } from './SettingsFrame.tsx';

/** Everybody who signs in, whatever their workspaces; for operators. */
export function PeoplePage() {
  const { settings } = useMessages();
  const text = settings.people;
  const format = useFormat();
  const client = useQueryClient();
  const query = useQuery(peopleQuery);
  const [creating, setCreating] = useState(false);
  const [handed, setHanded] = useState<{ name: string; link: PasswordLink } | null>(null);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: peopleQuery.queryKey });
  return (
    <SettingsFrame
      section="people"
      actions={
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setCreating(true)}>
          {text.create}
        </Button>
      }
    >
      <Loaded query={query}>
        {(people) =>
          people.length === 0 ? (
            <Text c="dimmed">{text.noPeople}</Text>
          ) : (
            <SimpleTable
              label={settings.sections.people}
              items={people}
              idOf={({ id }) => id}
              columns={[
                { key: 'name', header: text.name, cell: (person) => <PersonName {...person} /> },
                {
                  key: 'where',
                  header: text.where,
                  cell: ({ operator, memberships }) =>
                    operator ? (
                      <Badge color="indigo">{settings.roles.operator}</Badge>
                    ) : (
                      <Text size="sm">
                        {memberships.length === 0
                          ? text.nowhere
                          : format.list(
                              memberships.map(
                                ({ workspace, role }) => `${workspace.name} (${settings.roles[role]})`,
                              ),
                            )}
                      </Text>
                    ),
                },
                {
                  key: 'last',
                  header: text.lastSignIn,
                  cell: ({ lastSignInAt }) => <Time value={lastSignInAt} />,
                },
              ]}
              actions={(person) => (
                <PersonMenu
                  person={person}
                  onChanged={refresh}
                  onLink={(link) => setHanded({ name: person.name, link })}
                />
              )}
            />
          )
        }
      </Loaded>
      {creating && (
        <NewPersonDialog
          onClose={() => setCreating(false)}
          onCreated={async (name, link) => {
            if (link) setHanded({ name, link });
            await refresh();
          }}
        />
      )}
      <PasswordLinkDialog
        name={handed?.name ?? ''}
        link={handed?.link ?? null}
        onClose={() => setHanded(null)}
      />
    </SettingsFrame>
  );
}

interface PersonMenuProps {
  readonly person: Person;
  readonly onChanged: () => Promise<void>;
  readonly onLink: (link: PasswordLink) => void;
}

function PersonMenu({ person, onChanged, onLink }: PersonMenuProps) {
  const { settings, common } = useMessages();
  const text = settings.people;
  const me = useMe();
  const [dialog, setDialog] = useState<'memberships' | 'delete' | null>(null);
  const isSelf = me?.id === person.id;
  const run = (work: () => Promise<unknown>, done: string | null) => async (): Promise<void> => {
    try {
      await work();
      if (done !== null) notifications.show({ message: done, color: 'green' });
    } catch (error) {
      notifications.show({ message: toProblem(error).message, color: 'red' });
    }
    await onChanged();
  };
  const isActive = person.state === 'active';
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`${text.more}: ${person.name}`}>
            <Ellipsis size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setDialog('memberships')}>{text.memberships}</Menu.Item>
          <Menu.Item
            onClick={() => void run(async () => onLink(await createPasswordLink(person.id)), null)()}
          >
            {text.newLink}
          </Menu.Item>
          <Menu.Item onClick={() => void run(() => signPersonOut(person.id), text.signedOut)()}>
            {text.signOut}
          </Menu.Item>
          {!isSelf && (
            <>
              <Menu.Divider />
              <Menu.Item
                onClick={() =>
                  void run(() => changePerson(person.id, { operator: !person.operator }), null)()
                }
              >
                {person.operator ? text.noOperator : text.makeOperator}
              </Menu.Item>
              <Menu.Item
                onClick={() =>
                  void run(
                    () => changePerson(person.id, { state: isActive ? 'suspended' : 'active' }),
                    null,
                  )()
                }
              >
                {isActive ? text.suspend : text.unsuspend}
              </Menu.Item>
              <Menu.Item color="red" onClick={() => setDialog('delete')}>
                {text.delete}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {dialog === 'memberships' && (
        <MembershipsDialog person={person} onClose={() => setDialog(null)} onChanged={onChanged} />
      )}
      <ConfirmDialog
        opened={dialog === 'delete'}
        title={text.delete}
        action={common.delete}
        danger
        onClose={() => setDialog(null)}
        onConfirm={() => deletePerson(person.id).then(onChanged)}
      >
        <Text size="sm">{text.deleteText(person.name)}</Text>
      </ConfirmDialog>
    </>
  );
}

interface NewPersonDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (name: string, link: PasswordLink | null) => Promise<void>;
}

function NewPersonDialog({ onClose, onCreated }: NewPersonDialogProps) {
  const { people: text } = useMessages().settings;
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [operator, setOperator] = useState(false);
  return (
    <ConfirmDialog
      opened
      title={text.create}
      action={text.create}
      onClose={onClose}
      onConfirm={async () => {
        const person = await createPerson({ email: email.trim(), name: name.trim(), operator });
        await onCreated(person.name, person.passwordLink);
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
        <TextInput
          label={text.name}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox
          label={text.asOperator}
          description={text.asOperatorHint}
          checked={operator}
          onChange={(event) => setOperator(event.currentTarget.checked)}
        />
      </Stack>
    </ConfirmDialog>
  );
}
