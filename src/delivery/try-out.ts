import type { Egress, EgressRequest, EgressResult } from '../egress/index.ts';
import { render } from '../formats/index.ts';
import type { Clock } from '../model/clock.ts';
import type { JournalEvent } from '../model/event.ts';
import type { Webhook } from '../model/webhook.ts';
import { type AttemptReport, judge } from './outgoing.ts';
import { requestFor } from './request.ts';

/** One exchange with a consumer that leaves no trace in the log. */
export interface TriedOut {
  readonly request: EgressRequest;
  readonly result: EgressResult;
  readonly report: AttemptReport;
  readonly startedAtMs: number;
}

/** Sends one example event as the webhook would, whether or not the webhook is saved. */
export async function tryOut(
  webhook: Webhook,
  event: JournalEvent,
  egress: Pick<Egress, 'send'>,
  clock: Clock,
): Promise<TriedOut> {
  const startedAtMs = clock.nowMs();
  const { seq, acceptedAtMs } = event;
  const payload = render([event], webhook.settings);
  const request = requestFor(
    { ...payload, seq, acceptedAtMs, mark: null, simulated: true },
    webhook,
    startedAtMs,
  );
  const result = await egress.send(request);
  return { request, result, report: judge(result, webhook.settings.success), startedAtMs };
}
