import { requestFor } from '../delivery/index.ts';
import { tryRender } from '../formats/index.ts';
import type { Attempt, Delivery } from '../model/delivery.ts';
import type { Webhook, WebhookSettings } from '../model/webhook.ts';
import { showHeaders } from '../webhooks/headers.ts';
import type { Services } from './services.ts';

/** The POST of an attempt, as far as it is shown. */
export interface SentRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly bodyTruncated: boolean;
}

/** Characters of a body that are shown with each attempt. */
const shownBodyCharacters = 64 * 1024;

/**
 * Puts the requests of a delivery together again, as they are not stored: the body from the events and
 * the version of the webhook that made the delivery, address and headers from the version that an attempt
 * names.
 */
export class SentRequests {
  readonly #delivery: Delivery;
  readonly #webhook: Webhook;
  readonly #body: { readonly contentType: string; readonly body: string } | null;
  readonly #versions: ReadonlyMap<number, WebhookSettings>;

  private constructor(
    delivery: Delivery,
    webhook: Webhook,
    body: { readonly contentType: string; readonly body: string } | null,
    versions: ReadonlyMap<number, WebhookSettings>,
  ) {
    this.#delivery = delivery;
    this.#webhook = webhook;
    this.#body = body;
    this.#versions = versions;
  }

  /** Reads what is needed for these attempts. */
  static async load(
    services: Pick<Services, 'journal' | 'webhookVersions'>,
    delivery: Delivery,
    webhook: Webhook,
    attempts: readonly Attempt[],
  ): Promise<SentRequests> {
    const versions = new Map<number, WebhookSettings>([[webhook.version, webhook.settings]]);
    for (const version of new Set([
      delivery.webhookVersion,
      ...attempts.map((attempt) => attempt.webhookVersion),
    ])) {
      const settings =
        versions.get(version) ?? (await services.webhookVersions.version(webhook.number, version));
      if (settings) versions.set(version, settings);
    }
    const seqs = delivery.batchSeqs ?? [delivery.seq];
    const events = await services.journal.findMany(delivery.workspaceNumber, seqs);
    // Retries send the bytes of the first attempt, whatever the webhook has become since.
    const settings = versions.get(attempts[0]?.webhookVersion ?? delivery.webhookVersion);
    const complete = settings !== undefined && events.length === seqs.length;
    const rendering = complete ? tryRender(events, settings) : null;
    const body = rendering === null || 'failure' in rendering ? null : rendering;
    return new SentRequests(delivery, webhook, body, versions);
  }

  /** The request of one attempt; null when its settings are no longer kept. */
  of(attempt: Attempt): SentRequest | null {
    const settings = this.#versions.get(attempt.webhookVersion);
    if (!settings) return null;
    const { acceptedAtMs, seq, simulated } = this.#delivery;
    const body = this.#body;
    const request = requestFor(
      {
        acceptedAtMs,
        seq,
        simulated,
        mark: attempt.replay,
        contentType: body?.contentType ?? '',
        body: body?.body ?? '',
      },
      { ...this.#webhook, settings },
      attempt.startedAtMs,
    );
    const { 'webhook-signature': signature, ...others } = request.headers;
    const headers: Record<string, string> = { ...showHeaders(others) };
    if (body === null) delete headers['content-type'];
    else if (signature !== undefined) headers['webhook-signature'] = signature;
    return {
      method: 'POST',
      url: request.url,
      headers,
      body: body === null ? null : body.body.slice(0, shownBodyCharacters),
      bodyTruncated: body !== null && body.body.length > shownBodyCharacters,
    };
  }
}
