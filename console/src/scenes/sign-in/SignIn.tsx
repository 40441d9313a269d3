import { Alert, Anchor, Button, Checkbox, PasswordInput, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiProblem } from '../../api/problem.ts';
import { useSessionState } from '../../api/session.ts';
import { signIn } from '../../api/sign-in.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { Gate } from './Gate.tsx';

type Way = 'password' | 'token';
const wayKey = 'rowhook-sign-in-way';

/** Asks who one is: by e-mail address and password, or by an API token, as whoever set the server up has one. */
export function SignIn() {
  const { signIn: text } = useMessages().common;
  const session = useSessionState();
  const because = session.kind === 'signed-out' ? session.because : null;
  const [way, setWay] = useState<Way>(() =>
    localStorage.getItem(wayKey) === 'password' ? 'password' : 'token',
  );
  useEffect(() => {
    document.title = text.title;
  }, [text]);
  const other = way === 'password' ? 'token' : 'password';
  return (
    <Gate title={text.title}>
      {because === 'refused' && <Alert color="orange">{text.refused}</Alert>}
      <SignInForm key={way} way={way} />
      <Anchor
        component="button"
        type="button"
        size="sm"
        w="fit-content"
        onClick={() => {
          localStorage.setItem(wayKey, other);
          setWay(other);
        }}
      >
        {text.with[other]}
      </Anchor>
    </Gate>
  );
}

function SignInForm({ way }: { way: Way }) {
  const { signIn: text } = useMessages().common;
  const [email, setEmail] = useState('');
  const [secret, setSecret] = useState('');
  const [stay, setStay] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    const token = secret.trim().replace(/^bearer +/i, '');
    if (way === 'token' && token === '') return setFault(text.empty);
    if (way === 'password' && (email.trim() === '' || secret === '')) return setFault(text.bothNeeded);
    setBusy(true);
    try {
      await signIn(way === 'token' ? { token, stay } : { email: email.trim(), password: secret, stay });
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) setFault(text.wrong[way]);
      else setFailure(error);
      setBusy(false);
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        {way === 'password' && (
          <TextInput
            label={text.email}
            type="email"
            value={email}
            onChange={(event) => {
              setEmail(event.currentTarget.value);
              setFault(null);
            }}
            autoComplete="username"
            spellCheck={false}
          />
        )}
        <PasswordInput
          label={way === 'token' ? text.token : text.password}
          {...(way === 'token' ? { description: text.tokenHint } : {})}
          value={secret}
          onChange={(event) => {
            setSecret(event.currentTarget.value);
            setFault(null);
          }}
          error={fault}
          autoComplete="current-password"
          spellCheck={false}
          visibilityToggleButtonProps={{ 'aria-label': text.showSecret, tabIndex: 0 }}
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
      </Stack>
    </form>
  );
}
