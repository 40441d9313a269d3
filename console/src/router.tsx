import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import { deliverySearch, eventSearch, newWebhookSearch, rowSearch, sendSearch } from './filters.ts';
import { Crash } from './scenes/shell/Crash.tsx';
import { NotFound } from './scenes/shell/NotFound.tsx';
import { PagePending } from './scenes/shell/PagePending.tsx';
import { Shell } from './scenes/shell/Shell.tsx';

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Shell,
  notFoundComponent: NotFound,
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./scenes/home/HomePage.tsx'), 'HomePage'),
});
const webhooks = createRoute({
  getParentRoute: () => root,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./scenes/webhooks/WebhooksPage.tsx'), 'WebhooksPage'),
});
const newWebhook = createRoute({
  getParentRoute: () => root,
  path: '/webhooks/new',
  validateSearch: newWebhookSearch,
  component: lazyRouteComponent(() => import('./scenes/webhook-form/NewWebhookPage.tsx'), 'NewWebhookPage'),
});
const webhook = createRoute({
  getParentRoute: () => root,
  path: '/webhooks/$id',
  component: lazyRouteComponent(() => import('./scenes/webhooks/WebhookPage.tsx'), 'WebhookPage'),
});
const editWebhook = createRoute({
  getParentRoute: () => root,
  path: '/webhooks/$id/edit',
  component: lazyRouteComponent(() => import('./scenes/webhook-form/EditWebhookPage.tsx'), 'EditWebhookPage'),
});
const deliveries = createRoute({
  getParentRoute: () => root,
  path: '/deliveries',
  validateSearch: deliverySearch,
  component: lazyRouteComponent(() => import('./scenes/deliveries/DeliveriesPage.tsx'), 'DeliveriesPage'),
});
const delivery = createRoute({
  getParentRoute: () => root,
  path: '/deliveries/$id',
  component: lazyRouteComponent(() => import('./scenes/deliveries/DeliveryPage.tsx'), 'DeliveryPage'),
});
const bases = createRoute({
  getParentRoute: () => root,
  path: '/bases',
  component: lazyRouteComponent(() => import('./scenes/bases/BasesPage.tsx'), 'BasesPage'),
});
const base = createRoute({
  getParentRoute: () => root,
  path: '/bases/$base',
  component: lazyRouteComponent(() => import('./scenes/bases/BasePage.tsx'), 'BasePage'),
});
const table = createRoute({
  getParentRoute: () => root,
  path: '/bases/$base/$table',
  validateSearch: rowSearch,
  component: lazyRouteComponent(() => import('./scenes/bases/TablePage.tsx'), 'TablePage'),
});
const events = createRoute({
  getParentRoute: () => root,
  path: '/events',
  validateSearch: eventSearch,
  component: lazyRouteComponent(() => import('./scenes/events/EventsPage.tsx'), 'EventsPage'),
});
const sendEvent = createRoute({
  getParentRoute: () => root,
  path: '/events/send',
  validateSearch: sendSearch,
  component: lazyRouteComponent(() => import('./scenes/events/SendEventPage.tsx'), 'SendEventPage'),
});
const scheduledEvents = createRoute({
  getParentRoute: () => root,
  path: '/events/scheduled',
  component: lazyRouteComponent(() => import('./scenes/events/ScheduledPage.tsx'), 'ScheduledPage'),
});
const event = createRoute({
  getParentRoute: () => root,
  path: '/events/$id',
  component: lazyRouteComponent(() => import('./scenes/events/EventPage.tsx'), 'EventPage'),
});
const consumer = createRoute({
  getParentRoute: () => root,
  path: '/consumer',
  component: lazyRouteComponent(() => import('./scenes/consumer/InboxesPage.tsx'), 'InboxesPage'),
});
const inbox = createRoute({
  getParentRoute: () => root,
  path: '/consumer/$name',
  component: lazyRouteComponent(() => import('./scenes/consumer/InboxPage.tsx'), 'InboxPage'),
});

const account = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('./scenes/settings/AccountPage.tsx'), 'AccountPage'),
});
const tokens = createRoute({
  getParentRoute: () => root,
  path: '/settings/tokens',
  component: lazyRouteComponent(() => import('./scenes/settings/TokensPage.tsx'), 'TokensPage'),
});
const members = createRoute({
  getParentRoute: () => root,
  path: '/settings/members',
  component: lazyRouteComponent(() => import('./scenes/settings/MembersPage.tsx'), 'MembersPage'),
});
const publishing = createRoute({
  getParentRoute: () => root,
  path: '/settings/publishing',
  component: lazyRouteComponent(() => import('./scenes/settings/PublishingPage.tsx'), 'PublishingPage'),
});
const people = createRoute({
  getParentRoute: () => root,
  path: '/settings/people',
  component: lazyRouteComponent(() => import('./scenes/settings/PeoplePage.tsx'), 'PeoplePage'),
});
const workspaces = createRoute({
  getParentRoute: () => root,
  path: '/settings/workspaces',
  component: lazyRouteComponent(() => import('./scenes/settings/WorkspacesPage.tsx'), 'WorkspacesPage'),
});
const server = createRoute({
  getParentRoute: () => root,
  path: '/settings/server',
  component: lazyRouteComponent(() => import('./scenes/settings/ServerPage.tsx'), 'ServerPage'),
});
const eventTypes = createRoute({
  getParentRoute: () => root,
  path: '/event-types',
  component: lazyRouteComponent(() => import('./scenes/event-types/EventTypesPage.tsx'), 'EventTypesPage'),
});
const newEventType = createRoute({
  getParentRoute: () => root,
  path: '/event-types/new',
  component: lazyRouteComponent(
    () => import('./scenes/event-types/EditEventTypePage.tsx'),
    'NewEventTypePage',
  ),
});
const eventType = createRoute({
  getParentRoute: () => root,
  path: '/event-types/$name',
  component: lazyRouteComponent(() => import('./scenes/event-types/EventTypePage.tsx'), 'EventTypePage'),
});
const editEventType = createRoute({
  getParentRoute: () => root,
  path: '/event-types/$name/edit',
  component: lazyRouteComponent(
    () => import('./scenes/event-types/EditEventTypePage.tsx'),
    'EditEventTypePage',
  ),
});

const routeTree = root.addChildren([
  home,
  webhooks,
  newWebhook,
  webhook,
  editWebhook,
  deliveries,
  delivery,
  bases,
  base,
  table,
  events,
  sendEvent,
  scheduledEvents,
  event,
  consumer,
  inbox,
  account,
  tokens,
  members,
  publishing,
  people,
  workspaces,
  server,
  eventTypes,
  newEventType,
  eventType,
  editEventType,
]);

/** Every page of the console; each is a script of its own, fetched when the pointer comes near its link. */
export function createConsoleRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPendingComponent: PagePending,
    defaultErrorComponent: ({ error }) => <Crash error={error} />,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
