import { Type } from 'typebox';
import type { TriedOut } from '../../delivery/index.ts';
import { tryRender } from '../../formats/index.ts';
import { matchesEventType, matchSettings, wouldHaveFired } from '../../matching/index.ts';
import type { JournalEvent } from '../../model/event.ts';
import { groupPrefix } from '../../model/event-type.ts';
import { eventId, newWebhookId } from '../../model/ids.ts';
import { invalidField } from '../../model/problem.ts';
import type { Table } from '../../model/table.ts';
import type { Webhook, WebhookSettings } from '../../model/webhook.ts';
import { printData } from '../../sources/events/data.ts';
import { faultOfTypeName } from '../../sources/events/texts.ts';
import { exampleEvent } from '../../webhooks/example-events.ts';
import { showHeaders } from '../../webhooks/headers.ts';
import { requireRunning } from '../../webhooks/require-running.ts';
import { secretFor } from '../../webhooks/secret.ts';
import { resolveSettings } from '../../webhooks/settings.ts';
import { callerOf } from '../auth.ts';
import { attemptSchema } from '../delivery-answers.ts';
import { isOffered } from '../portal-scope.ts';
import { closedObject, nullableText } from '../schemas.ts';
import type { RouteModule } from '../server.ts';
import { webhookLookups, webhookOf, webhookParams } from '../webhook-lookup.ts';
import { newWebhookBody } from '../webhook-schemas.ts';

const exampleProperties = {
  eventType: Type.Optional(
    Type.String({
      maxLength: 128,
      description: 'Type of the event; when left out, the first that the webhook listens to.',
    }),
  ),
  data: Type.Optional(
    Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: true,
      description: 'Data of the event; when left out, the example that the catalogue has for the type.',
    }),
  ),
};

const { request, response, timing } = attemptSchema.properties;
const exchangeSchema = closedObject(
  {
    succeeded: Type.Boolean({ description: 'Whether the answer counts as success.' }),
    errorCode: nullableText('Code of the failure; docs/errors.md lists all.'),
    errorMessage: nullableText('The failure as a sentence.'),
    request,
    response,
    timing,
  },
  { title: 'Exchange' },
);

const previewSchema = closedObject(
  {
    looked: Type.Integer({ description: 'Past events that were looked at.' }),
    fired: Type.Integer({ description: 'Those for which it would have fired.' }),
    failed: Type.Integer({ description: 'Those for which its filter fails, and so does not fire.' }),
    firstFailure: nullableText('Why the filter fails for the first of these.'),
    event: nullableText('The event whose body is shown; null when it is an example.'),
    contentType: nullableText('Content type of the body.'),
    body: nullableText('The body as it would be sent; null when there is none.'),
    bodyFailure: nullableText('Why there is none: the template fails, or there is nothing to show.'),
  },
  { title: 'WebhookPreview' },
);

/** Which event a person wants to see; what is left out is chosen for them. */
interface Wanted {
  readonly eventType?: string;
  readonly data?: Record<string, unknown>;
}

/** Events that never happened, to see what a consumer does. */
export const webhookTestRoutes: RouteModule = (api, services, config) => {
  /** The table that an example row is of: the webhook's, or else the first of its base. */
  const tableFor = async (workspaceNumber: number, settings: WebhookSettings): Promise<Table | null> => {
    const { baseId, tableId } = settings;
    const base = baseId ?? (await services.bases.listBases(workspaceNumber))[0]?.id;
    if (base === undefined) return null;
    const tables = await services.bases.listTables(workspaceNumber, base);
    return tables.find(({ id }) => id === tableId) ?? tables[0] ?? null;
  };

  /** The type of an example for a webhook: the first that it names, or one of the catalogue that it asks for. */
  const typeOf = async (workspaceNumber: number, settings: WebhookSettings, wanted: Wanted) => {
    if (wanted.eventType !== undefined) return wanted.eventType;
    const { eventTypes: patterns } = settings;
    const exact = patterns.find((pattern) => !pattern.includes('*') && !pattern.startsWith(groupPrefix));
    if (exact !== undefined) return exact;
    const isOfRows = matchesEventType('row.inserted', patterns);
    if (isOfRows && (await tableFor(workspaceNumber, settings))) return 'row.inserted';
    const offered = await services.eventTypes.firstOf(workspaceNumber, (name, groups) =>
      matchesEventType(name, patterns, groups),
    );
    return offered ?? 'row.inserted';
  };

  /** Null: data is not given, and there is no example of the type. */
  const maybeEvent = async (
    workspaceNumber: number,
    settings: WebhookSettings,
    wanted: Wanted,
  ): Promise<JournalEvent | null> => {
    const type = await typeOf(workspaceNumber, settings, wanted);
    const fault = faultOfTypeName(type);
    if (fault !== null) throw invalidField('/eventType', fault);
    const nowMs = services.clock.nowMs();
    if (wanted.data !== undefined) {
      const printed = printData(wanted.data, config.maxEventDataBytes);
      if ('fault' in printed) throw invalidField(`/data${printed.pointer}`, printed.fault);
      const times = { occurredAtMs: nowMs, acceptedAtMs: nowMs };
      return { ...times, type, dataJson: printed.json, tags: [], subject: null, workspaceNumber, seq: 0 };
    }
    const table = await tableFor(workspaceNumber, settings);
    const example = await services.eventTypes.exampleOf(workspaceNumber, type);
    return exampleEvent({ workspaceNumber, type, table, example, nowMs });
  };

  const makeEvent = async (
    workspaceNumber: number,
    settings: WebhookSettings,
    wanted: Wanted,
  ): Promise<JournalEvent> => {
    const event = await maybeEvent(workspaceNumber, settings, wanted);
    if (event === null) {
      const type = await typeOf(workspaceNumber, settings, wanted);
      throw invalidField('/data', `is needed: the catalogue has no example of "${type}" to send`);
    }
    return event;
  };

  api.post(
    '/v1/webhooks/:id/simulate',
    {
      config: { access: 'editor', portal: true },
      schema: {
        tags: ['Webhooks'],
        operationId: 'simulateEvent',
        summary: 'Send a webhook an event that never happened',
        description:
          'It takes the way of every event, through queue, retries and log, to this webhook only, and carries the ' +
          'header `rowhook-simulated: true`.',
        params: webhookParams,
        body: closedObject(exampleProperties),
        response: { 202: closedObject({ event: Type.String({ description: 'Id of the event.' }) }) },
      },
    },
    async (call, reply) => {
      const webhook = webhookOf(services, call);
      const { eventType } = call.body;
      if (eventType !== undefined && !isOffered(call, eventType)) {
        throw invalidField('/eventType', 'is not offered in this portal');
      }
      requireRunning(webhook, 'simulating events');
      const example = await makeEvent(webhook.workspaceNumber, webhook.settings, call.body);
      const [event] = await services.journal.append(webhook.workspaceNumber, [
        { ...example, simulatedFor: webhook.id },
      ]);
      if (!event) throw new Error('The journal took an event and did not say where.');
      reply.code(202);
      return { event: eventId(event.acceptedAtMs, event.seq) };
    },
  );

  api.post(
    '/v1/webhooks/preview',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['Webhooks'],
        operationId: 'previewWebhook',
        summary: 'See what a webhook would do before saving it',
        description:
          'For how many of the last events it would have fired, and the body of the newest of these, or of the ' +
          'newest of the type asked for; of an example, where there is none. Nothing is sent or stored.',
        body: closedObject({
          webhook: newWebhookBody,
          last: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 1_000,
              default: 100,
              description: 'How many of the last events are looked at.',
            }),
          ),
          ...exampleProperties,
        }),
        response: { 200: previewSchema },
      },
    },
    async (call) => {
      const { number } = callerOf(call).workspace;
      const { webhook: fields, last = 100, ...wanted } = call.body;
      const { settings } = await resolveSettings(fields, webhookLookups(services, number), '/webhook');
      const { items } = await services.journal.list(number, {}, { limit: last, cursor: null });
      const { total, fired, failed, firstFailure } = wouldHaveFired(items, settings);
      const newest =
        wanted.data === undefined
          ? items.find(
              (event) =>
                (wanted.eventType ?? event.type) === event.type && matchSettings(event, settings).fires,
            )
          : undefined;
      const event = newest ?? (await maybeEvent(number, settings, wanted));
      const rendering =
        event === null
          ? {
              failure: `There is neither a past event nor an example of "${await typeOf(number, settings, wanted)}".`,
            }
          : tryRender([event], settings);
      return {
        looked: total,
        fired,
        failed,
        firstFailure,
        event: newest ? eventId(newest.acceptedAtMs, newest.seq) : null,
        ...('failure' in rendering
          ? { contentType: null, body: null, bodyFailure: rendering.failure }
          : { contentType: rendering.contentType, body: rendering.body, bodyFailure: null }),
      };
    },
  );

  api.post(
    '/v1/webhooks/test',
    {
      config: { access: 'editor' },
      schema: {
        tags: ['Webhooks'],
        operationId: 'testWebhook',
        summary: 'Try a webhook out before saving it',
        description:
          'Sends one request with an example and answers with the whole exchange. Nothing is stored.',
        body: closedObject({ webhook: newWebhookBody, ...exampleProperties }),
        response: { 200: exchangeSchema },
      },
    },
    async (call) => {
      const { number } = callerOf(call).workspace;
      const { webhook: fields, ...wanted } = call.body;
      const input = await resolveSettings(fields, webhookLookups(services, number), '/webhook');
      const event = await makeEvent(number, input.settings, wanted);
      const webhook = unsavedWebhook(
        number,
        input.settings,
        secretFor(input.settings.signature, input.secret),
      );
      return showExchange(await services.engine.tryOut(webhook, event));
    },
  );
};

function unsavedWebhook(workspaceNumber: number, settings: WebhookSettings, secret: string): Webhook {
  return {
    id: newWebhookId(),
    number: 0,
    workspaceNumber,
    version: 0,
    settings,
    secret,
    previousSecrets: [],
    health: { state: 'active', reason: null, sinceMs: 0, failuresInRow: 0, failingSinceMs: null },
    startsAfterSeq: 0,
    revision: 0,
    interventions: 0,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

/** Made for this request alone, so that there is no secret in showing it. */
function signatureOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.endsWith('-signature')));
}

function showExchange({ request: sent, result, report }: TriedOut) {
  return {
    succeeded: report.succeeded,
    errorCode: report.errorCode,
    errorMessage: report.errorMessage,
    request: {
      method: 'POST' as const,
      url: sent.url,
      headers: { ...showHeaders(sent.headers), ...signatureOf(sent.headers) },
      body: String(sent.body),
      bodyTruncated: false,
    },
    response:
      result.kind === 'response'
        ? {
            status: result.status,
            headers: result.headers,
            body: result.body,
            bodyTruncated: result.bodyTruncated,
          }
        : null,
    timing: result.timing,
  };
}
