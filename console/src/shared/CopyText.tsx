import { ActionIcon, Button, CopyButton, Tooltip } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useMessages } from '../i18n/index.tsx';

/** A small button that copies a text. */
export function CopyIcon({ value, label }: { value: string; label?: string }) {
  const { common } = useMessages();
  return (
    <CopyButton value={value} timeout={1_500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? common.copied : (label ?? common.copy)}>
          <ActionIcon
            variant="subtle"
            color={copied ? 'green' : 'gray'}
            size="sm"
            onClick={copy}
            aria-label={copied ? common.copied : (label ?? common.copy)}
          >
            {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** A button with a label that copies a text. */
export function CopyAction({ value, label }: { value: string; label: string }) {
  const { common } = useMessages();
  return (
    <CopyButton value={value} timeout={1_500}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          size="xs"
          onClick={copy}
          leftSection={copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
        >
          {copied ? common.copied : label}
        </Button>
      )}
    </CopyButton>
  );
}
