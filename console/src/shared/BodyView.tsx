import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useMessages } from '../i18n/index.tsx';
import classes from './BodyView.module.css';
import { CopyIcon } from './CopyText.tsx';
import { jsonPieces, prettyJson } from './json-text.ts';

/** Longer texts are shown without colours, which would cost an element a word. */
const maxColouredCharacters = 100_000;

interface BodyViewProps {
  readonly body: string;
  readonly label: string;
  readonly truncated?: boolean;
}

/** A body as it was, or, when it is JSON, made readable. */
export function BodyView({ body, label, truncated = false }: BodyViewProps) {
  const { common } = useMessages();
  const pretty = useMemo(() => prettyJson(body), [body]);
  const [mode, setMode] = useState<'pretty' | 'raw'>('pretty');
  if (body === '') {
    return (
      <Text size="sm" c="dimmed">
        {common.emptyBody}
      </Text>
    );
  }
  return (
    <Stack gap={6}>
      <Group justify="flex-end" gap="xs">
        {pretty !== null && (
          <SegmentedControl
            size="xs"
            aria-label={label}
            value={mode}
            onChange={(value) => setMode(value as 'pretty' | 'raw')}
            data={[
              { value: 'pretty', label: common.pretty },
              { value: 'raw', label: common.raw },
            ]}
          />
        )}
        <CopyIcon value={body} />
      </Group>
      <JsonText
        text={pretty !== null && mode === 'pretty' ? pretty : body}
        coloured={pretty !== null}
        label={label}
      />
      {truncated && (
        <Text size="xs" c="dimmed">
          {common.truncated}
        </Text>
      )}
    </Stack>
  );
}

/** Text in a scrollable frame, coloured when it is JSON. */
export function JsonText({
  text,
  label,
  coloured = true,
}: {
  text: string;
  label: string;
  coloured?: boolean;
}) {
  const pieces = useMemo(
    () => (coloured && text.length <= maxColouredCharacters ? jsonPieces(text) : null),
    [text, coloured],
  );
  return (
    <section aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className={classes.body} tabIndex={0}>
        {pieces === null
          ? text
          : pieces.map(({ kind, text: piece }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name and are only ever replaced as a whole
              <span key={index} className={classes[kind]}>
                {piece}
              </span>
            ))}
      </pre>
    </section>
  );
}
