import { readClientCertificate } from '../egress/index.ts';
import type { Clock } from '../model/clock.ts';
import { type NewEvent, webhookTag } from '../model/event.ts';
import type { Webhook } from '../model/webhook.ts';
import type { JournalStore } from '../store/port.ts';

const hourMs = 60 * 60 * 1_000;
const dayMs = 24 * hourMs;

/** Days before the end of a client certificate at which it is told of; 0: when it has expired. */
export const warningDays = [30, 14, 7, 3, 1, 0] as const;
const checkEveryMs = hourMs;
/** A start tells of what fell due so long before it, for the time in which no server ran. */
const lookBackMs = dayMs;

export interface CertificateWatchOptions {
  readonly webhooks: () => Iterable<Webhook>;
  readonly journal: Pick<JournalStore, 'append'>;
  readonly clock: Clock;
  /** An event could not be written; it is tried again an hour later. */
  readonly onError: (error: unknown) => void;
}

/**
 * Tells of client certificates that are about to expire, by events `webhook.certificateExpiring`. Each warning
 * day is told of once while the server runs, and perhaps again by a start within a day of it.
 */
export class CertificateWatch {
  readonly #options: CertificateWatchOptions;
  #checkedUpToMs: number;
  #cancelTimer: (() => void) | null = null;
  #checking: Promise<void> | null = null;

  constructor(options: CertificateWatchOptions) {
    this.#options = options;
    this.#checkedUpToMs = options.clock.nowMs() - lookBackMs;
  }

  start(): void {
    this.#checking = this.#check().finally(() => {
      this.#checking = null;
    });
    this.#cancelTimer = this.#options.clock.after(checkEveryMs, () => this.start());
  }

  async stop(): Promise<void> {
    this.#cancelTimer?.();
    await this.#checking;
  }

  async #check(): Promise<void> {
    const { webhooks, journal, clock, onError } = this.#options;
    const nowMs = clock.nowMs();
    try {
      for (const webhook of webhooks()) {
        const event = warningOf(webhook, this.#checkedUpToMs, nowMs);
        if (event !== null) await journal.append(webhook.workspaceNumber, [event]);
      }
      this.#checkedUpToMs = nowMs;
    } catch (error) {
      onError(error);
    }
  }
}

/** The event about a warning day within a time, the latest if there are several; null: there is none. Pure. */
export function warningOf(webhook: Webhook, afterMs: number, upToMs: number): NewEvent | null {
  const { tls, name, url } = webhook.settings;
  const facts = tls?.certificate == null ? null : readClientCertificate(tls.certificate);
  if (facts === null) return null;
  const due = warningDays.filter((days) => {
    const atMs = facts.expiresAtMs - days * dayMs;
    return atMs > afterMs && atMs <= upToMs;
  });
  const daysLeft = due.at(-1);
  if (daysLeft === undefined) return null;
  const data = {
    webhook: { id: webhook.id, name, url },
    subject: facts.subject,
    expiresAt: new Date(facts.expiresAtMs).toISOString(),
    daysLeft,
  };
  return {
    type: 'webhook.certificateExpiring',
    occurredAtMs: upToMs,
    dataJson: JSON.stringify(data),
    tags: [webhookTag(webhook.id)],
    subject: null,
  };
}
