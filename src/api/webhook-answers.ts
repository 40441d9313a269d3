import type { WebhookUsage } from '../delivery/index.ts';
import { readClientCertificate } from '../egress/index.ts';
import { kindOfSecret, publicKeyOf, type SigningSecrets, stillSigning } from '../model/signing-secret.ts';
import type { ConsumerTls, Webhook } from '../model/webhook.ts';
import { differsFromPreset } from '../webhooks/settings.ts';
import { isEnabled, showSettings } from '../webhooks/show.ts';
import { showMaybeTime, showTime } from './times.ts';

/** A webhook as the API answers it: no secret, and values of secret headers hidden. */
export function showWebhook(webhook: Webhook, usage: WebhookUsage, nowMs: number) {
  const { settings, health } = webhook;
  return {
    id: webhook.id,
    version: webhook.version,
    ...showSettings(settings),
    differsFromPreset: differsFromPreset(settings),
    enabled: isEnabled(webhook),
    status: { state: health.state, reason: health.reason, since: showTime(health.sinceMs) },
    usage: {
      waiting: usage.waiting,
      oldestWaitingAt: showMaybeTime(usage.oldestWaitingAtMs),
      nextAttemptAt: showMaybeTime(usage.nextAttemptAtMs),
      lastSuccessAt: showMaybeTime(usage.lastSuccessAtMs),
      lastFailureAt: showMaybeTime(usage.lastFailureAtMs),
      lastError: usage.lastError,
      lastHttpStatus: usage.lastHttpStatus,
    },
    clientCertificate: showCertificate(settings.tls),
    publicKey: publicKeyOf(webhook.secret),
    previousSecretUntil: previousSecretUntil(webhook, nowMs),
    createdAt: showTime(webhook.createdAtMs),
    updatedAt: showTime(webhook.updatedAtMs),
  };
}

function showCertificate(tls: ConsumerTls | null) {
  const facts = tls?.certificate == null ? null : readClientCertificate(tls.certificate);
  if (facts === null) return null;
  const { subject, issuer, validFromMs, expiresAtMs, fingerprint } = facts;
  return { subject, issuer, validFrom: showTime(validFromMs), expiresAt: showTime(expiresAtMs), fingerprint };
}

/** What requests are signed with, as consumers need it: a private key is never shown. */
export function showSecrets(secrets: SigningSecrets, nowMs: number) {
  return {
    secret: secretOrNull(secrets.secret),
    publicKey: publicKeyOf(secrets.secret),
    previousSecretUntil: previousSecretUntil(secrets, nowMs),
    previous: stillSigning(secrets.previousSecrets, nowMs).map(({ secret, untilMs }) => ({
      secret: secretOrNull(secret),
      publicKey: publicKeyOf(secret),
      until: showTime(untilMs),
    })),
  };
}

/** A secret that both sides know; null for one whose public key is all that the other side needs. */
export function secretOrNull(secret: string): string | null {
  return kindOfSecret(secret) === 'symmetric' ? secret : null;
}

function previousSecretUntil({ previousSecrets }: SigningSecrets, nowMs: number): string | null {
  const until = stillSigning(previousSecrets, nowMs).map(({ untilMs }) => untilMs);
  return until.length === 0 ? null : showTime(Math.max(...until));
}
