import { describeSettings } from '../../config/index.ts';
import { type Finding, failed, ok, warning } from './finding.ts';
import type { Patient } from './index.ts';

/** Settings that cannot be used, or that do not go together. */
export function checkSettings({ config, settingErrors }: Patient): readonly Finding[] {
  const findings = settingErrors.map(({ setting, message }) =>
    failed('settings', `${setting}: ${message}`, 'Correct it; the server does not start with it.'),
  );
  if (config.noticeRecipients.length > 0 && config.smtpUrl === null) {
    findings.push(
      warning(
        'settings',
        'ROWHOOK_NOTICE_RECIPIENTS is set, but no mail can be sent.',
        'Set ROWHOOK_SMTP_URL.',
      ),
    );
  }
  if (!isLoopback(config.host) && config.publicUrl?.startsWith('https:') !== true) {
    findings.push(
      warning(
        'settings',
        `The server listens on ${config.host}, and tokens cross the network unencrypted.`,
        'Put a proxy with TLS in front of it, and set ROWHOOK_PUBLIC_URL to its https address.',
      ),
    );
  }
  return findings.length > 0 ? findings : [ok('settings', `all ${describeSettings().length} can be used`)];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
