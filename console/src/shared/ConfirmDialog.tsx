import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useMessages } from '../i18n/index.tsx';
import { ErrorNotice } from './ErrorNotice.tsx';

interface ConfirmDialogProps {
  readonly opened: boolean;
  readonly title: string;
  readonly action: string;
  /** Whether it takes something away. */
  readonly danger?: boolean;
  /** Whether there is nothing to do as things are. */
  readonly disabled?: boolean;
  readonly children: ReactNode;
  readonly onClose: () => void;
  /** The dialog closes when it has ended well, and shows why when it has not. */
  readonly onConfirm: () => Promise<unknown>;
}

/** Asks before something is done that cannot be taken back, or that needs a choice. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, title, action, danger = false, disabled = false, children, onClose, onConfirm } = props;
  const { common } = useMessages();
  const { mutate, isPending, error, reset } = useMutation({ mutationFn: onConfirm, onSuccess: onClose });
  const close = (): void => {
    reset();
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <Stack>
          {children}
          {error !== null && <ErrorNotice error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {common.cancel}
            </Button>
            <Button
              type="submit"
              {...(danger ? { color: 'red' } : {})}
              disabled={disabled}
              loading={isPending}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
