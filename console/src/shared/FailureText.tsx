import { useMessages, useTranslation } from '../i18n/index.tsx';

/** Why an attempt failed: the server's own sentence, or, for who reads another language, what its code means. */
export function FailureText({ code, message }: { code: string | null; message: string | null }) {
  const { language, messages } = useTranslation();
  const meaning = code === null ? undefined : messages.errors.attempts[code];
  return <>{(language === 'en' ? message : null) ?? meaning ?? message ?? code}</>;
}

/** What to do about it. */
export function FailureCure({ code }: { code: string }) {
  const { errors } = useMessages();
  return <>{errors.cures[code] ?? null}</>;
}
