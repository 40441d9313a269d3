import type { RouteModule } from '../server.ts';
import { activityRoutes } from './activity.ts';
import { auditRoutes } from './audit.ts';
import { baseRoutes } from './bases.ts';
import { deliveryRoutes } from './deliveries.ts';
import { eventFeedRoutes } from './event-feed.ts';
import { eventTypeRoutes } from './event-types.ts';
import { eventRoutes } from './events.ts';
import { exportRoutes } from './exports.ts';
import { healthRoutes } from './health.ts';
import { importRoutes } from './imports.ts';
import { meRoutes } from './me.ts';
import { memberRoutes } from './members.ts';
import { openIdRoutes } from './open-id.ts';
import { peopleRoutes } from './people.ts';
import { portalRoutes } from './portal.ts';
import { presetRoutes } from './presets.ts';
import { replayRoutes } from './replays.ts';
import { rowRoutes } from './rows.ts';
import { scheduledEventRoutes } from './scheduled-events.ts';
import { searchRoutes } from './search.ts';
import { settingRoutes } from './settings.ts';
import { signInRoutes } from './sign-in.ts';
import { streamRoutes } from './stream.ts';
import { tableRoutes } from './tables.ts';
import { tokenRoutes } from './tokens.ts';
import { undoRoutes } from './undo.ts';
import { webhookQueueRoutes } from './webhook-queue.ts';
import { webhookTestRoutes } from './webhook-tests.ts';
import { webhookRoutes } from './webhooks.ts';
import { workspaceRoutes } from './workspaces.ts';

/** Every route of the API, in the order of the reference. */
export const routeModules: readonly RouteModule[] = [
  baseRoutes,
  tableRoutes,
  rowRoutes,
  undoRoutes,
  importRoutes,
  exportRoutes,
  webhookRoutes,
  presetRoutes,
  webhookQueueRoutes,
  webhookTestRoutes,
  replayRoutes,
  eventRoutes,
  scheduledEventRoutes,
  eventFeedRoutes,
  eventTypeRoutes,
  deliveryRoutes,
  activityRoutes,
  searchRoutes,
  streamRoutes,
  workspaceRoutes,
  portalRoutes,
  tokenRoutes,
  signInRoutes,
  openIdRoutes,
  meRoutes,
  peopleRoutes,
  memberRoutes,
  auditRoutes,
  settingRoutes,
  healthRoutes,
];
