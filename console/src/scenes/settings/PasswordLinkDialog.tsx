import { Button, Group, Modal, Stack } from '@mantine/core';
import type { PasswordLink } from '../../api/types.ts';
import { useFormat, useMessages } from '../../i18n/index.tsx';
import { SecretOnce } from '../../shared/SecretOnce.tsx';

interface PasswordLinkDialogProps {
  readonly name: string;
  readonly link: PasswordLink | null;
  readonly onClose: () => void;
}

/** A link with which a person sets their password, to be handed to them. */
export function PasswordLinkDialog({ name, link, onClose }: PasswordLinkDialogProps) {
  const { settings, common } = useMessages();
  const format = useFormat();
  return (
    <Modal
      opened={link !== null}
      onClose={onClose}
      title={settings.people.linkTitle}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      {link && (
        <Stack>
          <SecretOnce
            text={settings.people.linkText(name, format.dateTime(link.expiresAt))}
            value={link.url}
          />
          <Group justify="flex-end">
            <Button onClick={onClose} data-autofocus>
              {common.close}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
