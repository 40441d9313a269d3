import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as it arrived, taken apart. */
export interface ArrivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly subject: string;
  readonly text: string;
  /** Who signed in to send it; null: nobody. */
  readonly user: string | null;
}

/** How the server behaves: `stuck` takes the mail and never answers. */
export type Mood = 'well' | 'refusing' | 'stuck';

/** A real SMTP server on the loopback address, which keeps what arrives. */
export class MailServer {
  readonly mails: ArrivedMail[] = [];
  /** Recipients that it refuses. */
  readonly unknown = new Set<string>();
  mood: Mood = 'well';
  readonly #options: SMTPServerOptions;
  #server: SMTPServer;
  #port = 0;
  #waiting: Array<() => void> = [];
  #taken = 0;

  private constructor(options: SMTPServerOptions) {
    this.#options = options;
    this.#server = this.#build();
  }

  static async start(options: SMTPServerOptions = {}): Promise<MailServer> {
    const server = new MailServer(options);
    await server.#listen();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  /** The next mail that was not asked for before. */
  async next(): Promise<ArrivedMail> {
    while (this.mails.length <= this.#taken) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const mail = this.mails[this.#taken];
    this.#taken += 1;
    if (mail === undefined) throw new Error('no mail arrived');
    return mail;
  }

  /** Nobody listens until `restart`. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }

  /** Listens again, at the same port. */
  async restart(): Promise<void> {
    this.#server = this.#build();
    await this.#listen();
  }

  async #listen(): Promise<void> {
    const listening = this.#server.listen(this.#port, '127.0.0.1');
    await once(listening, 'listening');
    this.#port = (listening.address() as AddressInfo).port;
  }

  #build(): SMTPServer {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      closeTimeout: 1,
      logger: false,
      ...this.#options,
      onAuth: (auth, _session, callback) => {
        if (auth.password === 'right') callback(null, { user: auth.username });
        else callback(new Error('Wrong password'));
      },
      onRcptTo: ({ address }, _session, callback) => {
        callback(this.unknown.has(address) ? new Error(`There is no ${address} here`) : null);
      },
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (this.mood === 'stuck') return this.#arrived();
          if (this.mood === 'refusing') return callback(new Error('The mailbox is full'));
          const { mailFrom, rcptTo } = session.envelope;
          this.mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            user: typeof session.user === 'string' ? session.user : null,
            ...read(Buffer.concat(chunks).toString('utf8')),
          });
          callback();
          this.#arrived();
        });
      },
    });
    server.on('error', () => undefined);
    return server;
  }

  /** Resolves when the server has received another mail, whether it takes it or not. */
  async received(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #arrived(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** The parts of a plain-text mail, decoded. */
function read(raw: string): Pick<ArrivedMail, 'headers' | 'subject' | 'text'> {
  const end = raw.indexOf('\r\n\r\n');
  const headers = new Map<string, string>();
  for (const line of raw
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const body = raw.slice(end + 4);
  const encoding = headers.get('content-transfer-encoding');
  const text =
    encoding === 'quoted-printable'
      ? quotedPrintable(body.replace(/=\r\n/g, ''))
      : encoding === 'base64'
        ? Buffer.from(body, 'base64').toString('utf8')
        : body;
  return {
    headers,
    subject: decodedWords(headers.get('subject') ?? ''),
    text: text.replaceAll('\r\n', '\n'),
  };
}

function quotedPrintable(text: string): string {
  return Buffer.from(
    text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
}

/** `=?UTF-8?Q?...?=` and `=?UTF-8?B?...?=` of a header. */
function decodedWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString('utf8')
        : quotedPrintable(word.replaceAll('_', ' ')),
    );
}
