import type { Messages } from '../en/index.ts';
import { bases } from './bases.ts';
import { common } from './common.ts';
import { consumer } from './consumer.ts';
import { deliveries } from './deliveries.ts';
import { errors } from './errors.ts';
import { eventTypes } from './event-types.ts';
import { events } from './events.ts';
import { home } from './home.ts';
import { settings } from './settings.ts';
import { webhookForm } from './webhook-form.ts';
import { webhooks } from './webhooks.ts';
export const fr: Messages = {
  common,
  errors,
  home,
  webhooks,
  webhookForm,
  deliveries,
  bases,
  events,
  eventTypes,
  consumer,
  settings,
};
