import { Button, Card, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Inbox as InboxIcon } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useLiveQuery } from '../../api/live.ts';
import { inboxesQuery } from '../../api/queries/consumer.ts';
import type { Inbox } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import classes from '../../shared/card-link.module.css';
import { EmptyState } from '../../shared/EmptyState.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { Page } from '../../shared/Page.tsx';
import { Time } from '../../shared/Time.tsx';
import { knownInboxes, newInboxName } from './known-inboxes.ts';

export function InboxesPage() {
  const { consumer: text } = useMessages();
  const query = useLiveQuery(inboxesQuery);
  return (
    <Page title={text.title}>
      <Text c="dimmed" maw={760}>
        {text.intro}
      </Text>
      <OpenInbox />
      <Loaded query={query}>
        {(inboxes) => {
          const names = new Set([...(inboxes ?? []).map(({ name }) => name), ...knownInboxes()]);
          if (names.size === 0) {
            return <EmptyState icon={InboxIcon} title={text.empty.title} text={text.empty.text} />;
          }
          return (
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
              {[...names].map((name) => (
                <InboxCard key={name} name={name} inbox={inboxes?.find((inbox) => inbox.name === name)} />
              ))}
            </SimpleGrid>
          );
        }}
      </Loaded>
    </Page>
  );
}

function OpenInbox() {
  const { consumer: text } = useMessages();
  const navigate = useNavigate();
  const [name, setName] = useState(newInboxName);
  const [fault, setFault] = useState<string | null>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (/^[a-z0-9-]{1,64}$/.test(name)) void navigate({ to: '/consumer/$name', params: { name } });
    else setFault(text.nameFault);
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-start" gap="xs">
        <TextInput
          label={text.inboxName}
          description={text.nameHint}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={name}
          error={fault}
          maxLength={64}
          w={260}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setFault(null);
          }}
        />
        <Button type="submit" mt={25}>
          {text.openInbox}
        </Button>
      </Group>
    </form>
  );
}

function InboxCard({ name, inbox }: { name: string; inbox: Inbox | undefined }) {
  const { consumer: text } = useMessages();
  const format = useFormat();
  return (
    <Card padding="sm" className={classes.card}>
      <Stack gap={2}>
        <LinkTo to="/consumer/$name" params={{ name }} className={classes.link}>
          {name}
        </LinkTo>
        <Text size="xs" c="dimmed">
          {text.received}: {format.number(inbox?.received ?? 0)} · {text.last}:{' '}
          <Time value={inbox?.lastReceivedAt ?? null} />
        </Text>
      </Stack>
    </Card>
  );
}
