import { TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useMessages } from '../../i18n/index.tsx';
import { ConfirmDialog } from '../../shared/ConfirmDialog.tsx';

interface NameDialogProps {
  readonly opened: boolean;
  readonly title: string;
  readonly initial?: string;
  readonly onClose: () => void;
  readonly onName: (name: string) => Promise<unknown>;
}

/** Asks for a name: of something new, or a new one. */
export function NameDialog({ opened, title, initial = '', onClose, onName }: NameDialogProps) {
  const { bases: text, common } = useMessages();
  const [name, setName] = useState(initial);
  useEffect(() => {
    if (opened) setName(initial);
  }, [opened, initial]);
  return (
    <ConfirmDialog
      opened={opened}
      title={title}
      action={common.save}
      onClose={onClose}
      onConfirm={() => onName(name.trim())}
    >
      <TextInput
        label={text.name}
        value={name}
        required
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}
