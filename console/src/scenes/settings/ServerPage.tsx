import { Alert, Button, Card, Code, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { useState } from 'react';
import { settingsQuery, testSmtp } from '../../api/queries/server.ts';
import type { ServerSetting } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { Loaded } from '../../shared/Loaded.tsx';
import { SettingsFrame } from './SettingsFrame.tsx';
import { groupSettings, type SettingTheme } from './setting-themes.ts';

/** How the server was started: retention, egress, mail and everything else; for operators. */
export function ServerPage() {
  const { server: text } = useMessages().settings;
  const query = useQuery(settingsQuery);
  return (
    <SettingsFrame section="server">
      <Text size="sm" c="dimmed" maw={760}>
        {text.intro}
      </Text>
      <SmtpCard />
      <Loaded query={query}>
        {(settings) => (
          <Stack>
            {groupSettings(settings).map(({ theme, settings: members }) => (
              <SettingsOfTheme key={theme} theme={theme} settings={members} />
            ))}
          </Stack>
        )}
      </Loaded>
    </SettingsFrame>
  );
}

function SettingsOfTheme({ theme, settings }: { theme: SettingTheme; settings: readonly ServerSetting[] }) {
  const { server: text } = useMessages().settings;
  return (
    <Card>
      <Title order={2} mb="xs">
        {text.themes[theme]}
      </Title>
      <Table aria-label={text.themes[theme]} layout="fixed" verticalSpacing={6} fz="sm">
        <Table.Tbody>
          {settings.map(({ variable, value, fallback, description, unit }) => (
            <Table.Tr key={variable}>
              <Table.Th w="42%" fw={500} style={{ verticalAlign: 'top' }}>
                <Code style={{ overflowWrap: 'anywhere' }}>{variable}</Code>
                <Text size="xs" c="dimmed" fw={400} mt={2} lang="en">
                  {description}
                </Text>
              </Table.Th>
              <Table.Td style={{ verticalAlign: 'top', overflowWrap: 'anywhere' }}>
                <Text size="sm" fw={value !== null && value !== fallback ? 600 : 400}>
                  {value ?? text.none}
                  {unit !== null && value !== null && value !== '***' && /^[a-z ]+$/.test(unit) && ` ${unit}`}
                </Text>
                {value !== fallback && value !== null && (
                  <Text size="xs" c="dimmed">
                    {text.fallback(fallback)}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function SmtpCard() {
  const { server: text } = useMessages().settings;
  const format = useFormat();
  const [to, setTo] = useState('');
  const test = useMutation({ mutationFn: () => testSmtp(to.trim()) });
  return (
    <Card>
      <Title order={2} mb={4}>
        {text.smtp}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {text.smtpHint}
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          test.mutate();
        }}
      >
        <Stack gap="sm">
          <Group align="flex-end" gap="xs">
            <TextInput
              label={text.to}
              placeholder={text.toRecipients}
              type="email"
              w={280}
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
            <Button
              type="submit"
              variant="default"
              leftSection={<Send size={15} aria-hidden />}
              loading={test.isPending}
            >
              {text.sendMail}
            </Button>
          </Group>
          {test.error && <ErrorNotice error={test.error} compact />}
          {test.data && (
            <Alert color={test.data.sent && test.data.rejected.length === 0 ? 'green' : 'red'} role="status">
              <Text size="sm">{test.data.sent ? text.sent(format.list(test.data.to)) : text.notSent}</Text>
              {test.data.rejected.length > 0 && (
                <Text size="sm">{text.rejected(format.list(test.data.rejected))}</Text>
              )}
              {test.data.error !== null && (
                <Text size="sm" lang="en">
                  {test.data.error}
                </Text>
              )}
            </Alert>
          )}
        </Stack>
      </form>
    </Card>
  );
}
