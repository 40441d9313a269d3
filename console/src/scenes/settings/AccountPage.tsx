import { Badge, Button, Card, Group, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { inputProblem } from '../../api/problem.ts';
import {
  changeMyPassword,
  endMyOtherSessions,
  endMySession,
  mySessionsQuery,
  renameMe,
} from '../../api/queries/account.ts';
import { updateMe, useMe } from '../../api/session.ts';
import type { Me, OpenSession } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { Facts } from '../../shared/Facts.tsx';
import { fieldErrors } from '../../shared/field-errors.ts';
import { Loaded } from '../../shared/Loaded.tsx';
import { Time } from '../../shared/Time.tsx';
import { SettingsFrame } from './SettingsFrame.tsx';

/** Oneself: name, password, sessions. */
export function AccountPage() {
  const me = useMe();
  return (
    <SettingsFrame section="account">
      <Stack maw={720}>
        {me && <WhoCard me={me} />}
        {me?.kind === 'person' && <PasswordCard me={me} />}
        <SessionsCard />
      </Stack>
    </SettingsFrame>
  );
}

function WhoCard({ me }: { me: Me }) {
  const { settings, common } = useMessages();
  const text = settings.account;
  const [name, setName] = useState(me.name);
  const rename = useMutation({
    mutationFn: renameMe,
    onSuccess: (changed) => {
      updateMe(changed);
      notifications.show({ message: text.renamed, color: 'green' });
    },
  });
  return (
    <Card>
      <Title order={2} mb="sm">
        {me.kind === 'person' ? text.person : text.token}
      </Title>
      <Stack gap="sm">
        {me.kind === 'person' && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              rename.mutate(name.trim());
            }}
          >
            <Group align="flex-end" gap="xs">
              <TextInput
                flex={1}
                label={text.name}
                value={name}
                required
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <Button type="submit" variant="default" loading={rename.isPending} disabled={name === me.name}>
                {common.save}
              </Button>
            </Group>
          </form>
        )}
        {rename.error && <ErrorNotice error={rename.error} compact />}
        <Facts
          facts={[
            me.kind === 'token' && [text.name, me.name],
            me.email !== null && [text.email, me.email],
            [text.role, me.operator ? settings.roles.operator : text.member],
            ...me.memberships.map(({ workspace, role }) => [workspace.name, settings.roles[role]] as const),
          ]}
        />
      </Stack>
    </Card>
  );
}

function PasswordCard({ me }: { me: Me }) {
  const { settings, common } = useMessages();
  const text = settings.account;
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const change = useMutation({
    mutationFn: async () => {
      if (password !== again) throw inputProblem(common.setPassword.differ);
      await changeMyPassword(me.hasPassword ? current : null, password);
    },
    onSuccess: () => {
      setCurrent('');
      setPassword('');
      setAgain('');
      updateMe({ ...me, hasPassword: true });
      notifications.show({ message: text.passwordChanged, color: 'green' });
    },
  });
  const faults = change.error ? fieldErrors(change.error) : {};
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate();
  };
  const toggle = { 'aria-label': common.signIn.showSecret, tabIndex: 0 };
  return (
    <Card>
      <Title order={2} mb="sm">
        {text.password}
      </Title>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {me.hasPassword && (
            <PasswordInput
              label={text.currentPassword}
              value={current}
              error={faults.currentPassword ?? null}
              required
              autoComplete="current-password"
              visibilityToggleButtonProps={toggle}
              onChange={(event) => setCurrent(event.currentTarget.value)}
            />
          )}
          <PasswordInput
            label={common.setPassword.password}
            description={common.setPassword.passwordHint}
            value={password}
            error={faults.password ?? null}
            required
            autoComplete="new-password"
            visibilityToggleButtonProps={toggle}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <PasswordInput
            label={common.setPassword.again}
            value={again}
            required
            autoComplete="new-password"
            visibilityToggleButtonProps={toggle}
            onChange={(event) => setAgain(event.currentTarget.value)}
          />
          {change.error && Object.keys(faults).length === 0 && <ErrorNotice error={change.error} compact />}
          <Group justify="flex-end">
            <Button type="submit" variant="default" loading={change.isPending}>
              {text.changePassword}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

function SessionsCard() {
  const { settings } = useMessages();
  const text = settings.account;
  const client = useQueryClient();
  const query = useQuery(mySessionsQuery);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: mySessionsQuery.queryKey });
  const end = useMutation({ mutationFn: endMySession, onSettled: refresh });
  const endOthers = useMutation({ mutationFn: endMyOtherSessions, onSettled: refresh });
  const error = end.error ?? endOthers.error;
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2}>{text.sessions}</Title>
        {(query.data?.length ?? 0) > 1 && (
          <Button
            size="xs"
            variant="default"
            loading={endOthers.isPending}
            onClick={() => endOthers.mutate()}
          >
            {text.endOthers}
          </Button>
        )}
      </Group>
      {error && <ErrorNotice error={error} compact />}
      <Loaded query={query}>
        {(sessions) =>
          sessions.length === 0 ? (
            <Text size="sm" c="dimmed">
              {text.noSessions}
            </Text>
          ) : (
            <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: 'none' }}>
              {sessions.map((session) => (
                <SessionLine
                  key={session.id}
                  session={session}
                  busy={end.isPending}
                  onEnd={() => end.mutate(session.id)}
                />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Card>
  );
}

/** What a browser calls itself, in the few words that a person knows it by. */
function browserOf(userAgent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\/[\d.]+/.exec(userAgent)?.[1] ?? userAgent.slice(0, 40);
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux|CrOS)/.exec(userAgent)?.[1];
  const name = { Edg: 'Edge', OPR: 'Opera' }[browser] ?? browser;
  return system === undefined ? name : `${name}, ${system}`;
}

function SessionLine({ session, busy, onEnd }: { session: OpenSession; busy: boolean; onEnd: () => void }) {
  const { settings } = useMessages();
  const text = settings.account;
  return (
    <li>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <div>
          <Group gap="xs">
            <Text size="sm" fw={500}>
              {browserOf(session.userAgent)}
            </Text>
            {session.current && <Badge color="green">{text.thisOne}</Badge>}
          </Group>
          <Text size="xs" c="dimmed">
            {session.address} · {text.lastUsed} <Time value={session.lastUsedAt} /> · {text.endsAt}{' '}
            <Time value={session.expiresAt} />
          </Text>
        </div>
        {!session.current && (
          <Button size="compact-xs" variant="default" flex="none" disabled={busy} onClick={onEnd}>
            {text.end}
          </Button>
        )}
      </Group>
    </li>
  );
}
