import type { JournalEvent } from '../model/event.ts';
import type { WebhookSettings } from '../model/webhook.ts';
import { matchSettings } from './match.ts';

/** What settings would have made of past events. */
export interface Trial {
  readonly total: number;
  /** Events that would have been delivered. */
  readonly fired: number;
  /** Events for which the filter expression could not be evaluated. */
  readonly failed: number;
  /** Why, for the first of them; null when there is none. */
  readonly firstFailure: string | null;
}

/** Tries settings on past events before they are saved: "would have fired for 12 of the last 100". */
export function wouldHaveFired(events: Iterable<JournalEvent>, settings: WebhookSettings): Trial {
  const trial = { total: 0, fired: 0, failed: 0, firstFailure: null as string | null };
  for (const event of events) {
    const verdict = matchSettings(event, settings);
    trial.total += 1;
    if (verdict.fires) trial.fired += 1;
    if (verdict.reason !== 'filter-failed') continue;
    trial.failed += 1;
    trial.firstFailure ??= verdict.text;
  }
  return trial;
}
