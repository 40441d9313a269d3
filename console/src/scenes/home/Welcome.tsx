import { Button, Card, Group, List, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Rocket } from 'lucide-react';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { createSample } from './sample.ts';

/** What a newcomer sees: three steps to a webhook that arrives. */
export function Welcome() {
  const { home } = useMessages();
  const text = home.welcome;
  const navigate = useNavigate();
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: () => createSample(home.sample),
    onSuccess: async ({ base, table }) => {
      await navigate({ to: '/bases/$base/$table', params: { base, table } });
      await client.invalidateQueries();
    },
  });
  return (
    <Stack maw={760}>
      <Card padding="xl">
        <Stack align="flex-start">
          <Title order={2} fz="xl">
            {text.title}
          </Title>
          <Text>{text.text}</Text>
          <List type="ordered" spacing="xs" withPadding={false}>
            {text.steps.map((step) => (
              <List.Item key={step}>{step}</List.Item>
            ))}
          </List>
          {start.error && <ErrorNotice error={start.error} />}
          <Button
            size="md"
            leftSection={<Rocket size={18} aria-hidden />}
            loading={start.isPending}
            onClick={() => start.mutate()}
          >
            {text.start}
          </Button>
        </Stack>
      </Card>
      <Card>
        <Text size="sm" mb="xs">
          {text.own}
        </Text>
        <Group gap="xs">
          <Button component={LinkTo} to="/bases" variant="default">
            {text.newBase}
          </Button>
          <Button component={LinkTo} to="/webhooks/new" variant="default">
            {text.newWebhook}
          </Button>
          <Button component={LinkTo} to="/events/send" variant="default">
            {text.sendEvent}
          </Button>
        </Group>
      </Card>
    </Stack>
  );
}
