import { isSecretHeader, type WebhookSettings } from '../model/webhook.ts';
import type { AttemptResult } from './outgoing.ts';

/** Stands in the log where a consumer has repeated a secret header. */
const hidden = '***';
/** A shorter value would be found in every other answer, and is no secret. */
const shortestSecret = 8;

const known = new WeakMap<WebhookSettings['headers'], readonly string[]>();

/**
 * The result without the secret headers that a consumer may have repeated in its answer, as consumers for
 * debugging do: who may read the log of deliveries need not know them.
 */
export function withoutEchoes(result: AttemptResult, headers: WebhookSettings['headers']): AttemptResult {
  if (result.kind !== 'response') return result;
  const secrets = secretsIn(headers);
  if (secrets.length === 0) return result;
  const conceal = (text: string): string =>
    secrets.reduce((left, secret) => (left.includes(secret) ? left.replaceAll(secret, hidden) : left), text);
  return {
    ...result,
    body: conceal(result.body),
    headers: Object.fromEntries(
      Object.entries(result.headers).map(([name, value]) => [name, conceal(value)]),
    ),
  };
}

/** Values of secret headers, whole and without the word for their kind (`Bearer`), the longest first. */
function secretsIn(headers: WebhookSettings['headers']): readonly string[] {
  let secrets = known.get(headers);
  if (secrets === undefined) {
    const values = Object.entries(headers).flatMap(([name, value]) =>
      isSecretHeader(name) ? [value, value.slice(value.indexOf(' ') + 1)] : [],
    );
    const printed = values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]);
    secrets = [...new Set(printed)]
      .filter(({ length }) => length >= shortestSecret)
      .sort((one, other) => other.length - one.length);
    known.set(headers, secrets);
  }
  return secrets;
}
