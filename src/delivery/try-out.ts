import type { EgressRequest } from '../egress/index.ts';
import type { JournalEvent } from '../model/event.ts';
import type { Webhook } from '../model/webhook.ts';
import { withoutEchoes } from './echoed-secrets.ts';
import { type AttemptReport, type AttemptResult, judge, notSent } from './outgoing.ts';
import type { DeliveryProcess } from './process.ts';
import { requestFor } from './request.ts';

/** One exchange with a consumer that leaves no trace in the log. */
export interface TriedOut {
  readonly request: EgressRequest;
  readonly result: AttemptResult;
  readonly report: AttemptReport;
}

/** Sends one example event as the webhook would, whether or not the webhook is saved. */
export async function tryOut(
  webhook: Webhook,
  event: JournalEvent,
  { egress, clock, prepare }: Pick<DeliveryProcess, 'egress' | 'clock' | 'prepare'>,
): Promise<TriedOut> {
  const { seq, acceptedAtMs } = event;
  const payload = prepare([event], webhook.settings);
  const outgoing = { ...payload, seq, acceptedAtMs, mark: null, simulated: true };
  const request = requestFor(outgoing, webhook, clock.nowMs());
  const sent = payload.unsendable ? notSent(payload.unsendable) : await egress.send(request);
  const result = withoutEchoes(sent, webhook.settings.headers);
  return { request, result, report: judge(result, webhook.settings.success) };
}
