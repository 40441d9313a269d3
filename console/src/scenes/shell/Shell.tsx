import { AppShell, Box, Burger, Group, NavLink, ScrollArea, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation } from '@tanstack/react-router';
import { House, Inbox, type LucideIcon, Send, Settings, Table2, Webhook, Zap } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { type Messages, useMessages } from '../../i18n/index.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Logo } from './Logo.tsx';
import { SettingsMenu } from './SettingsMenu.tsx';
import { WorkspaceChoice } from './WorkspaceChoice.tsx';

interface Entry {
  readonly to: string;
  /** Other addresses that belong to it. */
  readonly also?: readonly string[];
  readonly page: keyof Messages['common']['pages'];
  readonly icon: LucideIcon;
}

const entries: readonly Entry[] = [
  { to: '/', page: 'home', icon: House },
  { to: '/webhooks', page: 'webhooks', icon: Webhook },
  { to: '/deliveries', page: 'deliveries', icon: Send },
  { to: '/bases', page: 'bases', icon: Table2 },
  { to: '/events', also: ['/event-types'], page: 'events', icon: Zap },
  { to: '/consumer', page: 'consumer', icon: Inbox },
  { to: '/settings', page: 'settings', icon: Settings },
];

/** What stays while pages change: navigation, workspace, settings. */
export function Shell() {
  const { common } = useMessages();
  const [opened, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  // Whoever reads with a screen reader is led to the new page, as a full page load would do.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the page changes
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <a className="skip-link" href="#main">
        {common.skipToContent}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={common.menu}
              aria-expanded={opened}
            />
            <Logo />
            <Text fw={650} visibleFrom="xs">
              {common.product}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <WorkspaceChoice />
            <SettingsMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label={common.navigation}>
        <AppShell.Section grow component={ScrollArea} p="xs">
          {entries.map(({ to, also = [], page, icon: Icon }) => {
            const active = [to, ...also].some(
              (each) => pathname === each || (each !== '/' && pathname.startsWith(`${each}/`)),
            );
            return (
              <NavLink
                key={to}
                component={LinkTo}
                to={to}
                label={common.pages[page]}
                leftSection={<Icon size={17} aria-hidden />}
                active={active}
                aria-current={active ? 'page' : undefined}
                onClick={close}
                style={{ borderRadius: 'var(--mantine-radius-md)' }}
              />
            );
          })}
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} style={{ outline: 'none' }}>
        {/* A table takes all the width there is. */}
        <Box {...(/^\/bases\/./.test(pathname) ? {} : { maw: 1400 })} mx="auto">
          <Outlet />
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}
