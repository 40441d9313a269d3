import type { Command } from 'commander';
import type { SecretsAnswer } from './answers.ts';
import { usageFailure } from './failure.ts';
import { findWebhook } from './lookup.ts';
import { connected, readNumber, withExample } from './session.ts';

interface SecretOptions {
  readonly rotate?: boolean;
  readonly secret?: string;
  readonly overlapHours?: number;
  readonly endOverlap?: boolean;
}

const hourMs = 60 * 60 * 1_000;

/** `rowhook webhook secret`: what requests are signed with. */
export function addWebhookSecretCommand(webhook: Command): void {
  const secret = webhook
    .command('secret')
    .description('show the signing secret, or the public key of an asymmetric signature')
    .argument('<webhook>', 'id or name of the webhook')
    .option('--rotate', 'replace it by a new one first; the former one signs for a while, too')
    .option('--secret <secret>', 'with --rotate: the new one, instead of a random one')
    .option('--overlap-hours <number>', 'with --rotate: how long the former one signs, too (24)', readNumber)
    .option('--end-overlap', 'former secrets sign no more, from now on');
  withExample(
    secret,
    'rowhook webhook secret crm',
    'rowhook webhook secret crm --rotate --overlap-hours 72',
    'rowhook webhook secret crm --end-overlap',
  );
  connected<SecretOptions, [string]>(secret, async ({ client, print, remark }, options, idOrName) => {
    const body = rotationOf(options);
    const { id } = await findWebhook(client, idOrName);
    const path = `/v1/webhooks/${id}/secret`;
    if (options.endOverlap) await client.delete(`${path}/previous`);
    const answer = options.rotate
      ? await client.post<SecretsAnswer>(`${path}/rotate`, body)
      : await client.get<SecretsAnswer>(path);
    print(answer, () => answer.secret ?? answer.publicKey ?? '');
    if (answer.previousSecretUntil !== null) {
      remark(`The former one signs, too, until ${answer.previousSecretUntil}.`);
    }
  });
}

function rotationOf({ rotate, secret, overlapHours, endOverlap }: SecretOptions): object {
  if (!rotate && (secret !== undefined || overlapHours !== undefined)) {
    throw usageFailure('--secret and --overlap-hours need --rotate.');
  }
  if (rotate && endOverlap) throw usageFailure('--rotate --overlap-hours 0 does what both would do.');
  return {
    ...(secret === undefined ? {} : { secret }),
    ...(overlapHours === undefined ? {} : { overlapMs: Math.round(overlapHours * hourMs) }),
  };
}
