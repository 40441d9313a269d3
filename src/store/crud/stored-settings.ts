import type { ConsumerTls, WebhookSettings } from '../../model/webhook.ts';
import type { SecretBox } from '../secret-box.ts';

/** What of the settings may be known to nobody who reads the database. */
interface SecretSettings {
  readonly headers: Readonly<Record<string, string>>;
  readonly tlsKey: string | null;
}

/** Settings as they are stored: what is secret is sealed as a whole. */
export type StoredSettings = Omit<WebhookSettings, 'headers' | 'tls'> & {
  readonly tls: Omit<ConsumerTls, 'key'> | null;
  readonly sealed: string;
};

export function printSettings(settings: WebhookSettings, secrets: SecretBox): string {
  const { headers, tls, ...plain } = settings;
  const secret: SecretSettings = { headers, tlsKey: tls?.key ?? null };
  const stored: StoredSettings = {
    ...plain,
    tls: tls === null ? null : { certificate: tls.certificate, ca: tls.ca },
    sealed: secrets.seal(JSON.stringify(secret)),
  };
  return JSON.stringify(stored);
}

export function parseSettings(json: string, secrets: SecretBox): WebhookSettings {
  const { sealed, tls, ...plain } = JSON.parse(json) as StoredSettings;
  const { headers, tlsKey } = JSON.parse(secrets.open(sealed)) as SecretSettings;
  return { ...plain, headers, tls: tls === null ? null : { ...tls, key: tlsKey } };
}
