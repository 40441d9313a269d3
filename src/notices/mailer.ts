import { createTransport } from 'nodemailer';
import type { Mail } from './mail.ts';

/** For the way to the server, and for its greeting, in milliseconds each. */
const connectTimeoutMs = 10_000;
/** For each answer of the server. */
const answerTimeoutMs = 30_000;
/** For one mail, whatever the server does. */
const mailTimeoutMs = 60_000;

export interface MailerOptions {
  /** `smtp://` or `smtps://`, with credentials if the server wants some. */
  readonly smtpUrl: string;
  readonly from: string;
  readonly recipients: readonly string[];
}

/** Hands mails to the operator's mail server, each over a connection of its own: there are few. */
export class Mailer {
  readonly #transport: ReturnType<typeof createSmtpTransport>;
  readonly #from: string;
  readonly #recipients: readonly string[];

  constructor({ smtpUrl, from, recipients }: MailerOptions) {
    this.#transport = createSmtpTransport(smtpUrl);
    this.#from = from;
    this.#recipients = recipients;
  }

  /**
   * Resolves once the server has taken the mail, with the recipients that it refused. Rejects when it took
   * the mail for none of them, or `signal` aborts; the mail may have arrived all the same.
   */
  async send(mail: Mail, signal: AbortSignal): Promise<readonly string[]> {
    const sent = await this.#transport.sendMail({
      from: this.#from,
      to: [...this.#recipients],
      subject: mail.subject,
      text: mail.text,
      // Asks vacation responders and the like not to answer.
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
      signal: AbortSignal.any([signal, AbortSignal.timeout(mailTimeoutMs)]),
    });
    return sent.rejected;
  }

  close(): void {
    this.#transport.close();
  }
}

function createSmtpTransport(url: string) {
  return createTransport({
    url,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: answerTimeoutMs,
  });
}
