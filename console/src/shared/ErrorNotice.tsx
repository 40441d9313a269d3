import { Alert, Button, List, Stack, Text } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import { type ProblemKind, toProblem } from '../api/problem.ts';
import { type Messages, useTranslation } from '../i18n/index.tsx';

function adviceOf(kind: ProblemKind, text: Messages['common']['problem']): string {
  const advice: Readonly<Record<ProblemKind, string>> = {
    offline: text.offlineAdvice,
    refused: text.refusedAdvice,
    missing: text.missingAdvice,
    invalid: text.invalidAdvice,
    failed: text.failedAdvice,
  };
  return advice[kind];
}

interface ErrorNoticeProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
  /** Without the advice, where it is plain what to do. */
  readonly compact?: boolean;
}

/** What went wrong, in the server's own words where they are the reader's, and what to do about it. */
export function ErrorNotice({ error, onRetry, compact = false }: ErrorNoticeProps) {
  const { language, messages } = useTranslation();
  const { common, errors } = messages;
  const problem = toProblem(error);
  const offline = problem.kind === 'offline';
  const title = (problem.code === null ? undefined : errors.problems[problem.code]) ?? problem.title;
  // The server speaks English.
  const foreign = language === 'en' ? {} : { lang: 'en' };
  return (
    <Alert
      color="red"
      icon={<CircleAlert size={18} aria-hidden />}
      title={offline ? common.problem.offline : title}
      role="alert"
    >
      <Stack gap="xs" align="flex-start">
        {!offline && problem.message !== problem.title && (
          <Text size="sm" {...foreign}>
            {problem.message}
          </Text>
        )}
        {problem.errors.length > 1 && (
          <List size="sm" {...foreign}>
            {problem.errors.map(({ pointer, detail }) => (
              <List.Item key={`${pointer} ${detail}`}>
                <strong>{pointer}</strong>: {detail}
              </List.Item>
            ))}
          </List>
        )}
        {!compact && <Text size="sm">{adviceOf(problem.kind, common.problem)}</Text>}
        {problem.kind === 'failed' && problem.requestId !== null && (
          <Text size="xs">{common.problem.reference(problem.requestId)}</Text>
        )}
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {common.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
