import { Anchor, Button, Checkbox, PasswordInput, Stack, Text } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { inputProblem, toProblem } from '../../api/problem.ts';
import { resumeSession, setPasswordThroughLink, takeFromAddress } from '../../api/sign-in.ts';
import type { Answer } from '../../api/types.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { fieldErrors } from '../../shared/field-errors.ts';
import { Gate } from './Gate.tsx';

/** Sets the first password, or another one, through a link that somebody sent. */
export function SetPassword({ onDone }: { onDone: () => void }) {
  const { setPassword: text } = useMessages().common;
  const [link] = useState(() => takeFromAddress('link'));
  const [found, setFound] = useState<Answer<'readPasswordLink'> | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const leave = (): void => {
    history.replaceState(null, '', '/');
    onDone();
  };
  useEffect(() => {
    if (link === null) return setFailure(inputProblem(text.noLink));
    answerOf(api.POST('/v1/password-links/read', { body: { link } })).then(setFound, setFailure);
  }, [link, text]);
  return (
    <Gate title={text.title}>
      {failure !== null && (
        <>
          <ErrorNotice error={failure} compact />
          <Anchor
            component="button"
            type="button"
            size="sm"
            w="fit-content"
            onClick={() => void resumeSession().then(leave)}
          >
            {text.toSignIn}
          </Anchor>
        </>
      )}
      {link !== null && found !== null && (
        <>
          <Text size="sm">{text.intro(found.name, found.email)}</Text>
          <PasswordForm link={link} email={found.email} onDone={leave} />
        </>
      )}
    </Gate>
  );
}

function PasswordForm({ link, email, onDone }: { link: string; email: string; onDone: () => void }) {
  const { setPassword: text, signIn } = useMessages().common;
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [stay, setStay] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const fault = failure === null ? null : (fieldErrors(failure).password ?? null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      if (password !== again) throw inputProblem(text.differ);
      await setPasswordThroughLink(link, password, stay);
      onDone();
    } catch (error) {
      setFailure(toProblem(error));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        {/* So that password managers know whose password it is. */}
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        <PasswordInput
          label={text.password}
          description={text.passwordHint}
          value={password}
          error={fault}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="new-password"
          required
          visibilityToggleButtonProps={{ 'aria-label': signIn.showSecret, tabIndex: 0 }}
        />
        <PasswordInput
          label={text.again}
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          autoComplete="new-password"
          required
          visibilityToggleButtonProps={{ 'aria-label': signIn.showSecret, tabIndex: 0 }}
        />
        <Checkbox
          label={signIn.stay}
          checked={stay}
          onChange={(event) => setStay(event.currentTarget.checked)}
        />
        {failure !== null && fault === null && <ErrorNotice error={failure} compact />}
        <Button type="submit" loading={busy}>
          {text.submit}
        </Button>
      </Stack>
    </form>
  );
}
