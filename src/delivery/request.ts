import { type EgressRequest, type EgressSender, sign, signSeaTable } from '../egress/index.ts';
import { deliveryId } from '../model/ids.ts';
import { secretsAt } from '../model/signing-secret.ts';
import type { Webhook } from '../model/webhook.ts';
import type { Outgoing } from './outgoing.ts';

/** Says who calls; consumers see it in their logs. */
const userAgent = 'Rowhook/1';

/** The POST of one attempt. `startedAtMs` is what its signature is dated with. */
export function requestFor(
  outgoing: Pick<Outgoing, 'seq' | 'acceptedAtMs' | 'contentType' | 'body' | 'mark' | 'simulated'>,
  webhook: Webhook,
  startedAtMs: number,
  sender: EgressSender | null = null,
): EgressRequest {
  const { settings } = webhook;
  const id = deliveryId(outgoing.acceptedAtMs, outgoing.seq, webhook.number);
  const timestampSeconds = Math.floor(startedAtMs / 1_000);
  // Encoded once, for the signature and for the wire.
  const body = typeof outgoing.body === 'string' ? Buffer.from(outgoing.body) : outgoing.body;
  const headers: Record<string, string> = {
    ...settings.headers,
    'content-type': outgoing.contentType,
    'user-agent': settings.headers['user-agent'] ?? userAgent,
  };
  if (settings.signature === 'standard' || settings.signature === 'standardAsymmetric') {
    const secrets = secretsAt(webhook, startedAtMs);
    Object.assign(headers, sign(secrets, id, timestampSeconds, body));
  } else {
    headers['webhook-id'] = id;
    headers['webhook-timestamp'] = String(timestampSeconds);
    if (settings.signature === 'seatable') {
      headers['x-seatable-signature'] = signSeaTable(webhook.secret, body);
    }
  }
  if (outgoing.mark !== null) headers['rowhook-replay'] = outgoing.mark;
  if (outgoing.simulated) headers['rowhook-simulated'] = 'true';
  return {
    url: settings.url,
    headers,
    body,
    tls: settings.tls,
    connectTimeoutMs: settings.connectTimeoutMs,
    timeoutMs: settings.timeoutMs,
    sender,
  };
}
