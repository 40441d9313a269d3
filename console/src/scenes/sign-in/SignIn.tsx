import { Alert, Button, Card, Center, Checkbox, PasswordInput, Stack, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { problemFrom, toProblem } from '../../api/problem.ts';
import { signIn, useSignedOutBecause } from '../../api/session.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { LanguageMenu } from '../shell/LanguageMenu.tsx';

/** Asks the server whether it knows a token, before it is kept. */
async function isKnown(token: string): Promise<boolean> {
  const response = await fetch('/v1/webhooks?limit=1', { headers: { authorization: `Bearer ${token}` } });
  if (response.status === 401) return false;
  if (!response.ok) throw problemFrom(response.status, await response.json().catch(() => null));
  return true;
}

export function SignIn() {
  const { signIn: text } = useMessages().common;
  const because = useSignedOutBecause();
  const [token, setToken] = useState('');
  const [stay, setStay] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const wanted = token.trim().replace(/^bearer +/i, '');
    setFailure(null);
    if (wanted === '') return setFault(text.empty);
    setBusy(true);
    try {
      if (await isKnown(wanted)) signIn(wanted, stay);
      else setFault(text.wrong);
    } catch (error) {
      setFailure(toProblem(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Center component="main" mih="100dvh" p="md">
      <Card w="100%" maw={440} padding="xl" shadow="sm">
        <form onSubmit={(event) => void submit(event)}>
          <Stack>
            <Title order={1}>{text.title}</Title>
            {because === 'refused' && <Alert color="orange">{text.refused}</Alert>}
            <PasswordInput
              label={text.token}
              description={text.tokenHint}
              value={token}
              onChange={(event) => {
                setToken(event.currentTarget.value);
                setFault(null);
              }}
              error={fault}
              autoComplete="current-password"
              spellCheck={false}
              data-autofocus
            />
            <Checkbox
              label={text.stay}
              checked={stay}
              onChange={(event) => setStay(event.currentTarget.checked)}
            />
            {failure !== null && <ErrorNotice error={failure} />}
            <Button type="submit" loading={busy}>
              {text.submit}
            </Button>
            <LanguageMenu />
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
