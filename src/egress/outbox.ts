import { emailsOf, isMailAddress } from '../model/mail-target.ts';
import type { EgressRequest, EgressResult, EgressSender, UrlVerdict } from './contract.ts';
import type { Egress } from './egress.ts';
import { plainFailure } from './errors.ts';
import type { MailSender } from './mail-sender.ts';

/** The one way out to whatever targets users give: URLs go through the egress, mail addresses to the mail server. */
export class Outbox {
  readonly #egress: Egress;
  readonly #mail: MailSender | null;

  /** Without `mail` no webhook can have mail addresses. */
  constructor(egress: Egress, mail: MailSender | null) {
    this.#egress = egress;
    this.#mail = mail;
  }

  send(request: EgressRequest): Promise<EgressResult> {
    if (emailsOf(request.url) === null) return this.#egress.send(request);
    if (this.#mail !== null) return this.#mail.send(request);
    const timing = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 0 };
    const failure = plainFailure('MAIL_NOT_CONFIGURED');
    return Promise.resolve({ kind: 'error', ...failure, mayHaveArrived: false, timing });
  }

  /** Whether a webhook may be saved with this target. */
  check(url: string): UrlVerdict {
    const emails = emailsOf(url);
    if (emails === null) return this.#egress.check(url);
    if (this.#mail === null) return { allowed: false, ...plainFailure('MAIL_NOT_CONFIGURED') };
    return emails.every(isMailAddress)
      ? { allowed: true }
      : { allowed: false, code: 'URL_INVALID', message: 'It has an address that is none.' };
  }

  cutOff(sender: EgressSender): void {
    this.#egress.cutOff(sender);
    this.#mail?.cutOff(sender);
  }

  async close(): Promise<void> {
    this.#mail?.close();
    await this.#egress.close();
  }
}
