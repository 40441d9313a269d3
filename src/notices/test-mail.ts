import { Mailer, type MailerOptions } from './mailer.ts';

/** What came of a mail that was sent to try the mail server. */
export interface TestMail {
  /** Whether the mail server took it, for one recipient at least. */
  readonly sent: boolean;
  readonly to: readonly string[];
  /** Recipients that it refused. */
  readonly rejected: readonly string[];
  /** Why it was not sent. */
  readonly error: string | null;
}

/** Less than a browser or a proxy waits for an answer. */
const sendTimeoutMs = 45_000;
const maxErrorCharacters = 500;

/** Sends a mail that says that mails arrive. Resolves whatever comes of it. */
export async function sendTestMail(options: MailerOptions): Promise<TestMail> {
  const to = options.recipients;
  const mailer = new Mailer(options);
  try {
    const mail = { subject: '[Rowhook] Test', text: 'This is a test: mails of Rowhook arrive here.\n' };
    const rejected = await mailer.send(mail, AbortSignal.timeout(sendTimeoutMs));
    return { sent: true, to, rejected, error: null };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { sent: false, to, rejected: [], error: why.slice(0, maxErrorCharacters) };
  } finally {
    mailer.close();
  }
}
