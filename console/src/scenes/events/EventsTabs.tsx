import { useLocation } from '@tanstack/react-router';
import { useIsPortal, useMay } from '../../api/session.ts';
import { useMessages } from '../../i18n/index.tsx';
import { LinkTo } from '../../shared/LinkTo.tsx';
import classes from '../../shared/tabs.module.css';

const tabs = [
  { name: 'log', to: '/events' },
  { name: 'types', to: '/event-types' },
  { name: 'scheduled', to: '/events/scheduled' },
  { name: 'send', to: '/events/send' },
] as const;

/** What there is about events: their log, their types, those of later, and sending one. */
export function EventsTabs() {
  const { events: text } = useMessages();
  const { pathname } = useLocation();
  const isPortal = useIsPortal();
  const mayEdit = useMay('editor');
  if (isPortal) return null;
  return (
    <nav aria-label={text.title} className={classes.tabs}>
      {tabs
        .filter(({ name }) => name !== 'send' || mayEdit)
        .map(({ name, to }) => (
          <LinkTo
            key={name}
            to={to}
            activeOptions={{ exact: true }}
            className={classes.tab}
            aria-current={pathname === to ? 'page' : undefined}
          >
            {text.tabs[name]}
          </LinkTo>
        ))}
    </nav>
  );
}
