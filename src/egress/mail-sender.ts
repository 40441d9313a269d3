import { createTransport } from 'nodemailer';
import { emailsOf } from '../model/mail-target.ts';
import type { EgressRequest, EgressResult, EgressSender } from './contract.ts';
import { type Failure, plainFailure } from './errors.ts';
import { line, mailMessage } from './mail-message.ts';

export interface MailSenderSettings {
  /** `smtp://` or `smtps://`, with credentials if the server wants some. */
  readonly smtpUrl: string;
  readonly from: string;
}

/** Of what the mail server says in the log. */
const answerCharacters = 300;
const lastHost = /@([^@>]+)>?$/;

/**
 * Delivers to webhooks whose target is a list of mail addresses, with the same contract as the egress for URLs:
 * one message for a request, never sent again by itself, and a value that says what came of it. The status of an
 * accepted message is the code of SMTP, 250. It goes to the operator's mail server and nowhere else.
 */
export class MailSender {
  readonly #transportFor: (connectTimeoutMs: number, timeoutMs: number) => ReturnType<typeof createTransport>;
  readonly #from: string;
  readonly #underway = new Map<AbortController, EgressSender | null>();
  #closed = false;

  constructor({ smtpUrl, from }: MailSenderSettings) {
    this.#from = from;
    this.#transportFor = (connectTimeoutMs, timeoutMs) =>
      createTransport({
        url: smtpUrl,
        connectionTimeout: connectTimeoutMs,
        greetingTimeout: connectTimeoutMs,
        socketTimeout: timeoutMs,
      });
  }

  get inFlight(): number {
    return this.#underway.size;
  }

  /** Never rejects. */
  async send(request: EgressRequest): Promise<EgressResult> {
    const startedAt = performance.now();
    const emails = emailsOf(request.url) ?? [];
    const sender = request.sender ?? null;
    if (this.#closed || request.signal?.aborted === true || sender?.maySend() === false) {
      return failed(plainFailure('ABORTED'), false, startedAt);
    }
    const giveUp = new AbortController();
    const timeout = AbortSignal.timeout(request.timeoutMs);
    const signals = [giveUp.signal, timeout, ...(request.signal === undefined ? [] : [request.signal])];
    this.#underway.set(giveUp, sender);
    const transport = this.#transportFor(request.connectTimeoutMs, request.timeoutMs);
    try {
      const sent = await transport.sendMail({
        ...this.#messageOf(request, emails),
        signal: AbortSignal.any(signals),
      });
      const refused = sent.rejected.map(String);
      const note = refused.length === 0 ? '' : `\nRefused: ${refused.join(', ')}`;
      return {
        kind: 'response',
        status: codeIn(sent.response) ?? 250,
        headers: {},
        body: line(sent.response, answerCharacters) + note,
        bodyTruncated: false,
        timing: timingSince(startedAt),
      };
    } catch (error) {
      if (timeout.aborted) return failed(plainFailure('TIMEOUT'), true, startedAt);
      if (signals.some(({ aborted }) => aborted)) {
        return failed(plainFailure('ABORTED'), true, startedAt);
      }
      const { failure, mayHaveArrived } = failureOf(error);
      return failed(failure, mayHaveArrived, startedAt);
    } finally {
      this.#underway.delete(giveUp);
      transport.close();
    }
  }

  /** Gives up what is underway on behalf of a sender. */
  cutOff(sender: EgressSender): void {
    for (const [giveUp, one] of this.#underway) if (one === sender) giveUp.abort();
  }

  close(): void {
    this.#closed = true;
    for (const giveUp of this.#underway.keys()) giveUp.abort();
  }

  #messageOf({ headers, body }: EgressRequest, emails: readonly string[]) {
    const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
    const message = mailMessage(headers['content-type'] ?? '', text);
    const id = headers['webhook-id'] ?? '';
    const host = lastHost.exec(this.#from)?.[1] ?? 'localhost';
    const simulated = headers['rowhook-simulated'] === 'true' ? '[Test] ' : '';
    return {
      from: this.#from,
      to: [...emails],
      subject: simulated + message.subject,
      text: message.text,
      html: message.html,
      // A repeat has the same id, so that mail programs show it once.
      messageId: `<${id}@${host}>`,
      headers: { 'Auto-Submitted': 'auto-generated', 'Rowhook-Delivery': id },
      disableFileAccess: true,
      disableUrlAccess: true,
    };
  }
}

function failureOf(error: unknown): { failure: Failure; mayHaveArrived: boolean } {
  const { responseCode, response, code } = error as {
    responseCode?: number;
    response?: string;
    code?: string;
  };
  if (code === 'EAUTH') return { failure: plainFailure('MAIL_SERVER_FAILED'), mayHaveArrived: false };
  if (typeof responseCode === 'number' && responseCode >= 400) {
    const kind = responseCode >= 500 ? 'MAIL_REFUSED' : 'MAIL_DEFERRED';
    const told = line(response ?? String(responseCode), answerCharacters);
    return { failure: { code: kind, message: `The mail server answered: ${told}` }, mayHaveArrived: false };
  }
  // After the connection was there, the message may have been taken and its answer lost.
  const unsent = code === 'ECONNECTION' || code === 'EDNS' || code === 'ETLS' || code === 'EENVELOPE';
  return { failure: plainFailure('MAIL_SERVER_FAILED'), mayHaveArrived: !unsent };
}

function codeIn(response: string): number | null {
  const code = /^(\d{3})/.exec(response)?.[1];
  return code === undefined ? null : Number(code);
}

function failed(failure: Failure, mayHaveArrived: boolean, startedAt: number): EgressResult {
  const { code, message } = failure;
  return { kind: 'error', code, message, mayHaveArrived, timing: timingSince(startedAt) };
}

function timingSince(startedAt: number) {
  const totalMs = Math.round((performance.now() - startedAt) * 100) / 100;
  return { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs };
}
