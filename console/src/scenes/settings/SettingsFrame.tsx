import { useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMay, useMe } from '../../api/session.ts';
import type { Role } from '../../api/types.ts';
import { type Messages, useMessages } from '../../i18n/index.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import { Page } from '../../shared/Page.tsx';
import tabs from '../../shared/tabs.module.css';

type SectionName = keyof Messages['settings']['sections'];

interface Section {
  readonly name: SectionName;
  readonly to: string;
  readonly needs: Role;
}

/** Every section, in the order in which a person goes from themselves outwards. */
const sections: readonly Section[] = [
  { name: 'account', to: '/settings', needs: 'viewer' },
  { name: 'tokens', to: '/settings/tokens', needs: 'admin' },
  { name: 'members', to: '/settings/members', needs: 'admin' },
  { name: 'publishing', to: '/settings/publishing', needs: 'viewer' },
  { name: 'people', to: '/settings/people', needs: 'operator' },
  { name: 'workspaces', to: '/settings/workspaces', needs: 'operator' },
  { name: 'server', to: '/settings/server', needs: 'operator' },
];

/** A section of the settings, with the way to the others. */
export function SettingsFrame({
  section,
  actions,
  children,
}: {
  section: SectionName;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const { settings: text } = useMessages();
  const { pathname } = useLocation();
  const may: Readonly<Record<Role, boolean>> = {
    viewer: useMay('viewer'),
    editor: useMay('editor'),
    admin: useMay('admin'),
    operator: useMay('operator'),
  };
  const me = useMe();
  return (
    <Page
      title={text.sections[section]}
      documentTitle={`${text.sections[section]} · ${text.title}`}
      actions={actions}
    >
      <nav aria-label={text.title} className={tabs.tabs}>
        {sections
          .filter(({ needs }) => me !== null && may[needs])
          .map(({ name, to }) => (
            <LinkTo
              key={name}
              to={to}
              activeOptions={{ exact: true }}
              className={tabs.tab}
              aria-current={pathname === to ? 'page' : undefined}
            >
              {text.sections[name]}
            </LinkTo>
          ))}
      </nav>
      {children}
    </Page>
  );
}
