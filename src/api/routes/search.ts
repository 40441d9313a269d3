import { type Static, Type } from 'typebox';
import type { Delivery } from '../../model/delivery.ts';
import type { JournalEvent } from '../../model/event.ts';
import {
  deliveryId,
  eventId,
  parseDeliveryId,
  parseEventId,
  type ReplayId,
  type ScheduledEventId,
  type WebhookId,
} from '../../model/ids.ts';
import { callerOf } from '../auth.ts';
import { closedObject, oneOf } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import type { Services } from '../services.ts';
import { showTime } from '../times.ts';

const kinds = ['delivery', 'event', 'scheduledEvent', 'row', 'webhook', 'replay'] as const;

/** Webhooks that are asked for a delivery of an event. */
const webhooksAsked = 200;
/** Events of a row that are answered. */
const eventsOfRow = 20;

const linkSchema = Type.Object(
  {
    kind: oneOf(kinds, 'What it is.'),
    id: Type.String(),
    href: Type.String({ description: 'Where the API has it.' }),
    summary: Type.String({ description: 'What it is, for a person.' }),
  },
  { title: 'SearchLink' },
);
type Link = Static<typeof linkSchema>;

/** What a consumer quotes, and what belongs to it. */
export const searchRoutes: RouteModule = (api, services) => {
  api.get(
    '/v1/search',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Deliveries'],
        operationId: 'search',
        summary: 'Find whatever an id belongs to',
        description:
          'A `webhook-id` (which is the id of a delivery), the id of an event, a scheduled event, a row, a webhook or a ' +
          'replay, or an `Idempotency-Key`. What belongs to it comes along: the deliveries of an event, the events of a ' +
          'row or a key.',
        querystring: closedObject({
          id: Type.String({ minLength: 1, maxLength: 255, description: 'As it was quoted.' }),
        }),
        response: {
          200: Type.Object({ data: Type.Array(linkSchema, { description: 'Empty when nothing is found.' }) }),
        },
      },
    },
    async (request) => {
      const { number } = callerOf(request).workspace;
      const search = new Search(services, number);
      return { data: await search.all(request.query.id.trim()) };
    },
  );
};

/** Looks into everything of one workspace. */
class Search {
  readonly #services: Services;
  readonly #workspaceNumber: number;

  constructor(services: Services, workspaceNumber: number) {
    this.#services = services;
    this.#workspaceNumber = workspaceNumber;
  }

  async all(id: string): Promise<Link[]> {
    const found = await Promise.all([
      this.#delivery(id),
      this.#event(id),
      this.#scheduledEvent(id),
      this.#webhook(id),
      this.#replay(id),
      this.#row(id),
      this.#key(id),
    ]);
    const links = new Map(found.flat().map((link) => [`${link.kind} ${link.id}`, link]));
    return [...links.values()];
  }

  async #delivery(id: string): Promise<Link[]> {
    const place = parseDeliveryId(id);
    if (!place) return [];
    const { webhookNumber, seq, acceptedAtMs } = place;
    const delivery = await this.#services.deliveries.find(this.#workspaceNumber, webhookNumber, seq);
    if (delivery?.acceptedAtMs !== acceptedAtMs) return [];
    const seqs = delivery.batchSeqs ?? [seq];
    const events = await this.#services.journal.findMany(this.#workspaceNumber, seqs.slice(0, eventsOfRow));
    return [this.#linkOfDelivery(delivery), ...events.map(linkOfEvent)];
  }

  async #event(id: string): Promise<Link[]> {
    const place = parseEventId(id);
    const event = place && (await this.#services.journal.find(this.#workspaceNumber, place.seq));
    if (!event || event.acceptedAtMs !== place?.acceptedAtMs) return [];
    return [linkOfEvent(event), ...(await this.#deliveriesOf(event.seq))];
  }

  async #deliveriesOf(seq: number): Promise<Link[]> {
    const webhooks = this.#services.webhooks.list(this.#workspaceNumber).slice(0, webhooksAsked);
    const found = await Promise.all(
      webhooks.map(({ number }) => this.#services.deliveries.find(this.#workspaceNumber, number, seq)),
    );
    return found.filter((delivery) => delivery !== null).map((delivery) => this.#linkOfDelivery(delivery));
  }

  async #scheduledEvent(id: string): Promise<Link[]> {
    if (!id.startsWith('sch_')) return [];
    const found = await this.#services.publications.findScheduled(
      this.#workspaceNumber,
      id as ScheduledEventId,
    );
    if (!found) return [];
    const { outcome, event, dueAtMs } = found;
    const link: Link = {
      kind: 'scheduledEvent',
      id,
      href: `/v1/scheduled-events/${encodeURIComponent(id)}`,
      summary: `${event.type}, due ${showTime(dueAtMs)}, ${outcome.state}`,
    };
    if (outcome.state !== 'published') return [link];
    const { seq, acceptedAtMs } = outcome.place;
    return [link, ...(await this.#event(eventId(acceptedAtMs, seq)))];
  }

  async #webhook(id: string): Promise<Link[]> {
    const webhook = this.#services.webhooks.find(this.#workspaceNumber, id as WebhookId);
    if (!webhook) return [];
    const { settings, health } = webhook;
    return [
      {
        kind: 'webhook',
        id,
        href: `/v1/webhooks/${webhook.id}`,
        summary: `${settings.name}, ${health.state}`,
      },
    ];
  }

  async #replay(id: string): Promise<Link[]> {
    if (!id.startsWith('rpl_')) return [];
    const replay = await this.#services.replays.find(this.#workspaceNumber, id as ReplayId);
    if (!replay) return [];
    const href = `/v1/replays/${encodeURIComponent(id)}`;
    return [{ kind: 'replay', id, href, summary: `${replay.scope}, ${replay.state}` }];
  }

  async #row(id: string): Promise<Link[]> {
    if (!/^[\w-]{22}$/.test(id)) return [];
    const page = { limit: eventsOfRow, cursor: null };
    const { items } = await this.#services.journal.list(this.#workspaceNumber, { rowId: id }, page);
    const subject = items[0]?.subject;
    if (!subject) return [];
    const { baseId, id: tableId, name } = subject.table;
    const href = `/v1/bases/${baseId}/tables/${encodeURIComponent(tableId)}/rows/${id}`;
    return [{ kind: 'row', id, href, summary: `row of ${name}` }, ...items.map(linkOfEvent)];
  }

  async #key(key: string): Promise<Link[]> {
    const places = await this.#services.publications.findKey(this.#workspaceNumber, key);
    if (!places) return [];
    const seqs = places.slice(0, eventsOfRow).map(({ seq }) => seq);
    const events = await this.#services.journal.findMany(this.#workspaceNumber, seqs);
    const deliveries = await Promise.all(seqs.map((seq) => this.#deliveriesOf(seq)));
    return [...events.map(linkOfEvent), ...deliveries.flat()];
  }

  #linkOfDelivery(delivery: Delivery): Link {
    const id = deliveryId(delivery.acceptedAtMs, delivery.seq, delivery.webhookNumber);
    const name = this.#services.webhooks.byNumber(delivery.webhookNumber)?.settings.name;
    const to = name === undefined ? 'a webhook that was deleted' : name;
    return {
      kind: 'delivery',
      id,
      href: `/v1/deliveries/${id}`,
      summary: `${delivery.eventType} to ${to}, ${delivery.state}`,
    };
  }
}

function linkOfEvent({ acceptedAtMs, seq, type }: JournalEvent): Link {
  const id = eventId(acceptedAtMs, seq);
  return { kind: 'event', id, href: `/v1/events/${id}`, summary: `${type}, ${showTime(acceptedAtMs)}` };
}
