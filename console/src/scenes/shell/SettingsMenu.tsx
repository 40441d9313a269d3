import { ActionIcon, Menu, SegmentedControl, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { LogOut, Settings } from 'lucide-react';
import { signOut } from '../../api/sign-in.ts';
import { useMessages } from '../../i18n/index.tsx';
import { LanguageMenu } from './LanguageMenu.tsx';

/** Language, appearance, sign-out. */
export function SettingsMenu() {
  const { common } = useMessages();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end" width={280} closeOnItemClick={false} trapFocus>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={common.preferences}>
          <Settings size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Stack p="xs" gap="xs">
          <Text size="xs" fw={600}>
            {common.language}
          </Text>
          <LanguageMenu />
          <Text size="xs" fw={600}>
            {common.appearance}
          </Text>
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label={common.appearance}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as 'light' | 'dark' | 'auto')}
            data={(['light', 'dark', 'auto'] as const).map((value) => ({
              value,
              label: common.schemes[value],
            }))}
          />
        </Stack>
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={16} aria-hidden />} onClick={() => void signOut()}>
          {common.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
