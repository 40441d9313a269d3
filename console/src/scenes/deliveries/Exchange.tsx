import { Alert, Card, Code, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { Attempt } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { BodyView } from '../../shared/BodyView.tsx';
import { CopyAction } from '../../shared/CopyText.tsx';
import { FailureCure, FailureText } from '../../shared/FailureText.tsx';
import { HeadersView } from '../../shared/HeadersView.tsx';
import { HttpStatus } from '../../shared/StateBadge.tsx';
import { Time } from '../../shared/Time.tsx';
import { curlOf } from './curl.ts';
import { Waterfall } from './Waterfall.tsx';

/** One attempt as it was: what was sent, what came back, where the time went. */
export function Exchange({ attempt }: { attempt: Attempt }) {
  const { deliveries: text } = useMessages();
  const format = useFormat();
  return (
    <Stack>
      <Card>
        <Group justify="space-between" mb="sm">
          <Title order={2}>{text.attempt(format.number(attempt.number))}</Title>
          <Text size="sm" c="dimmed">
            <Time value={attempt.startedAt} exact />
          </Text>
        </Group>
        {attempt.errorCode !== null && (
          <Alert color="red" p="sm" mb="sm">
            <Text size="sm" fw={600}>
              <FailureText code={attempt.errorCode} message={attempt.errorMessage} />{' '}
              <Code>{attempt.errorCode}</Code>
            </Text>
            <Text size="sm">
              <FailureCure code={attempt.errorCode} />
            </Text>
          </Alert>
        )}
        <Title order={3} mb="xs">
          {text.timing}
        </Title>
        <Waterfall timing={attempt.timing} />
      </Card>
      <RequestAndResponse request={attempt.request} response={attempt.response} />
    </Stack>
  );
}

/** What was sent, and beside it what came back. */
export function RequestAndResponse({ request, response }: Pick<Attempt, 'request' | 'response'>) {
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: 'start' }}>
      <RequestCard request={request} />
      <ResponseCard response={response} />
    </SimpleGrid>
  );
}

function RequestCard({ request }: { request: Attempt['request'] }) {
  const { deliveries: text } = useMessages();
  return (
    <Card miw={0}>
      <Group justify="space-between" mb="sm">
        <Title order={2}>{text.request}</Title>
        {request && <CopyAction value={curlOf(request)} label={text.curl} />}
      </Group>
      {request === null ? (
        <Text size="sm" c="dimmed">
          {text.noRequest}
        </Text>
      ) : (
        <Stack gap="sm">
          <Text ff="monospace" size="sm">
            {request.method} {request.url}
          </Text>
          <Title order={3}>{text.headers}</Title>
          <HeadersView headers={request.headers} label={text.requestHeaders} />
          <Title order={3}>{text.body}</Title>
          {request.body === null ? (
            <Text size="sm" c="dimmed">
              {text.bodyGone}
            </Text>
          ) : (
            <BodyView body={request.body} label={text.requestBody} truncated={request.bodyTruncated} />
          )}
        </Stack>
      )}
    </Card>
  );
}

function ResponseCard({ response }: { response: Attempt['response'] }) {
  const { deliveries: text } = useMessages();
  return (
    <Card miw={0}>
      <Group justify="space-between" mb="sm" mih={30}>
        <Title order={2}>{text.response}</Title>
        {response && <HttpStatus status={response.status} />}
      </Group>
      {response === null ? (
        <Text size="sm" c="dimmed">
          {text.noResponse}
        </Text>
      ) : (
        <Stack gap="sm">
          <Title order={3}>{text.headers}</Title>
          <HeadersView headers={response.headers} label={text.responseHeaders} />
          <Title order={3}>{text.body}</Title>
          <BodyView body={response.body} label={text.responseBody} truncated={response.bodyTruncated} />
        </Stack>
      )}
    </Card>
  );
}
