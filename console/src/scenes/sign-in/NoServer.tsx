import { resumeSession } from '../../api/sign-in.ts';
import { useMessages } from '../../i18n/index.tsx';
import { ErrorNotice } from '../../shared/ErrorNotice.tsx';
import { Gate } from './Gate.tsx';

/** Whether someone is signed in is not known, as the server did not say. */
export function NoServer({ error }: { error: unknown }) {
  const { problem } = useMessages().common;
  return (
    <Gate title={problem.offline}>
      <ErrorNotice error={error} onRetry={() => void resumeSession()} />
    </Gate>
  );
}
