import { faultOfAuthorities, faultOfClientCertificate } from '../egress/index.ts';
import type { ConsumerTls } from '../model/webhook.ts';
import type { FieldReader } from './field-reader.ts';
import { hiddenValue } from './headers.ts';
import { webhookLimits } from './limits.ts';

/**
 * A client certificate with its key, and authorities of the webhook's own; null when there is neither. `kept` was
 * saved before: its key stays while `***` stands for it, and it is not held to today's date again.
 */
export function readTls(reader: FieldReader, url: string, kept: ConsumerTls | null): ConsumerTls | null {
  const members = reader.object('tls');
  if (!members) return null;
  members.allowOnly(['certificate', 'key', 'ca']);
  const certificate = members.text('certificate', 1, webhookLimits.pemCharacters) ?? null;
  const given = members.text('key', 1, webhookLimits.pemCharacters) ?? null;
  const ca = members.text('ca', 1, webhookLimits.pemCharacters) ?? null;
  if (given === hiddenValue && (kept?.key ?? null) === null) {
    members.fail('key', `must be the key itself; ${hiddenValue} only stands for one that was saved before`);
    return null;
  }
  const key = given === hiddenValue ? (kept?.key ?? null) : given;
  if ((certificate === null) !== (key === null)) {
    members.fail(
      certificate === null ? 'certificate' : 'key',
      'is missing: a certificate and its key belong together',
    );
    return null;
  }
  if (certificate === null && ca === null) return null;
  if (!/^https:/i.test(url)) reader.fail('tls', 'needs a URL that begins with https://');
  const saved = kept !== null && certificate === kept.certificate && key === kept.key;
  const fault =
    certificate === null || key === null || saved
      ? null
      : faultOfClientCertificate(certificate, key, Date.now());
  if (fault !== null) members.fail(fault.part, fault.detail);
  const untrusted = ca === null || ca === kept?.ca ? null : faultOfAuthorities(ca);
  if (untrusted !== null) members.fail(untrusted.part, untrusted.detail);
  return { certificate, key, ca };
}

/** As it is answered: the key hidden. */
export function showTls(tls: ConsumerTls | null): ConsumerTls | null {
  return tls === null ? null : { ...tls, key: tls.key === null ? null : hiddenValue };
}
