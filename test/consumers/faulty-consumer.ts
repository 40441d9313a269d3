/**
 * A consumer with every fault that there is, in a process of its own. It reads requests and writes answers as
 * bytes, so that the answers need not be HTTP. The path of a request names the fault and how often it is had:
 * `/reset-mid-body/1` breaks off the first answer, and answers 200 from the second request on.
 *
 *     fork('faulty-consumer.ts')
 */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';

/** What this process tells the test. */
export type FaultyConsumerReport =
  | {
      readonly kind: 'listening';
      readonly port: number;
      /** The same, for whoever needs to be the first on a connection. */
      readonly unusedPort: number;
      /** By the name of the certificate that is shown there. */
      readonly tlsPorts: Readonly<Record<string, number>>;
      /** Takes connections and leaves them there. */
      readonly silentPort: number;
      /** Answer the first request of a connection, and close or reset it at the second. */
      readonly closingPort: number;
      readonly resettingPort: number;
    }
  | { readonly kind: 'arrived'; readonly path: string; readonly id: string; readonly body: string };

const byteEveryMs = 1_000;
const retryAfterSeconds = 3;
const retryAfterDateMs = 4_000;

const fixture = (name: string): string =>
  readFileSync(new URL(`../../src/egress/fixtures/${name}.pem`, import.meta.url), 'utf8');

const head = (status: string, ...headers: string[]): string =>
  `${[`HTTP/1.1 ${status}`, ...headers].join('\r\n')}\r\n\r\n`;
const empty = (status: string, ...headers: string[]): string => head(status, ...headers, 'content-length: 0');

function repeat(socket: Socket, everyMs: number, write: () => void): void {
  const timer = setInterval(write, everyMs);
  socket.on('close', () => clearInterval(timer));
}

function pour(socket: Socket, chunk: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
}

const faults: Readonly<Record<string, (socket: Socket) => void>> = {
  'reset-before-answer': (socket) => socket.resetAndDestroy(),
  'close-before-answer': (socket) => socket.end(),
  'reset-mid-body': (socket) =>
    socket.write(`${head('200 OK', 'content-length: 1000')}half`, () => socket.resetAndDestroy()),
  'close-mid-body': (socket) => socket.end(`${head('200 OK', 'content-length: 1000')}half`),
  'close-mid-chunk': (socket) => socket.end(`${head('200 OK', 'transfer-encoding: chunked')}5\r\nhal`),
  'never-answers': () => undefined,
  'byte-a-second': (socket) => {
    socket.write(head('200 OK', 'content-length: 1000'));
    repeat(socket, byteEveryMs, () => socket.write('.'));
  },
  'head-byte-a-second': (socket) => {
    const bytes = [...empty('200 OK', 'server: slow')];
    repeat(socket, byteEveryMs, () => socket.write(bytes.shift() ?? ''));
  },
  'informational-for-ever': (socket) => repeat(socket, 10, () => socket.write(head('102 Processing'))),
  'not-http': (socket) => socket.end('220 mail.test ESMTP\r\n'),
  binary: (socket) => socket.end(Buffer.from([0, 1, 2, 3, 255, 254, 10])),
  'two-lengths': (socket) => socket.end(`${head('200 OK', 'content-length: 1', 'content-length: 2')}ab`),
  'bad-chunk': (socket) => socket.end(`${head('200 OK', 'transfer-encoding: chunked')}zz\r\n`),
  'unasked-continue': (socket) => socket.end(head('100 Continue') + empty('200 OK')),
  'unasked-switch': (socket) =>
    socket.end(head('101 Switching Protocols', 'upgrade: x', 'connection: upgrade')),
  'endless-headers': (socket) => socket.write(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(20_000)}`),
  'endless-body': (socket) => {
    socket.write(head('200 OK'));
    pour(socket, Buffer.alloc(16 * 1024, 'x'));
  },
  'endless-body-500': (socket) => {
    socket.write(head('500 Internal Server Error'));
    pour(socket, Buffer.alloc(16 * 1024, 'x'));
  },
  'gzip-bomb': (socket) => {
    const bomb = gzipSync(Buffer.alloc(100_000_000));
    socket.write(head('200 OK', 'content-encoding: gzip', `content-length: ${bomb.length}`));
    socket.write(bomb);
  },
  'early-hints': (socket) =>
    socket.write(head('102 Processing') + head('103 Early Hints', 'link: </a>') + empty('200 OK')),
  'retry-after-seconds': (socket) =>
    socket.write(empty('429 Too Many Requests', `retry-after: ${retryAfterSeconds}`)),
  'retry-after-date': (socket) => {
    const date = new Date(Date.now() + retryAfterDateMs).toUTCString();
    socket.write(empty('503 Service Unavailable', `retry-after: ${date}`));
  },
  'retry-after-500': (socket) => socket.write(empty('500 Oops', 'retry-after: 3600')),
  'retry-after-nonsense': (socket) => socket.write(empty('429 Too Many Requests', 'retry-after: soon')),
};

/** Requests so far, by path. */
const requests = new Map<string, number>();

function answer(socket: Socket, path: string): void {
  const count = (requests.get(path) ?? 0) + 1;
  requests.set(path, count);
  const [, fault = '', times = ''] = path.split('/');
  if (fault === 'closes-after') socket.end(empty('200 OK'));
  else if (/^\d{3}$/.test(fault) && count <= Number(times)) {
    socket.write(empty(`${fault} As Asked`, 'location: /followed'));
  } else if (faults[fault] && count <= Number(times)) faults[fault](socket);
  else socket.write(empty('200 OK'));
}

/** Reads the requests of a connection, one after the other. `breakUsed` ends it at the second one. */
function serve(socket: Socket, breakUsed?: () => void): void {
  let received = Buffer.alloc(0);
  let count = 0;
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    // As servers do to what is no HTTP, such as the start of a TLS handshake.
    if (!'POST '.startsWith(received.toString('latin1', 0, 5))) socket.end(empty('400 Bad Request'));
    for (;;) {
      const headEnd = received.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const text = received.subarray(0, headEnd).toString('latin1');
      const bodyEnd = headEnd + 4 + Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0);
      if (received.length < bodyEnd) return;
      const body = received.subarray(headEnd + 4, bodyEnd).toString('utf8');
      received = received.subarray(bodyEnd);
      const path = /^POST (\S+)/.exec(text)?.[1] ?? '';
      const id = /^webhook-id: *(.*)$/im.exec(text)?.[1] ?? '';
      count += 1;
      const react = count > 1 && breakUsed ? breakUsed : () => answer(socket, path);
      tell({ kind: 'arrived', path, id, body }, react);
    }
  });
}

function tell(report: FaultyConsumerReport, told: () => void = () => undefined): void {
  process.send?.(report, undefined, {}, told);
}

const portOf = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

const key = fixture('consumer-key');
const tlsPorts: Record<string, number> = {};
for (const name of ['consumer', 'expired', 'self-signed', 'other-name']) {
  const server = createTlsServer({ key, cert: fixture(name) }, (socket) => serve(socket));
  server.on('tlsClientError', () => undefined);
  tlsPorts[name] = await portOf(server);
}
tell({
  kind: 'listening',
  port: await portOf(createServer((socket) => serve(socket))),
  unusedPort: await portOf(createServer((socket) => serve(socket))),
  tlsPorts,
  silentPort: await portOf(createServer((socket) => socket.on('error', () => undefined).resume())),
  closingPort: await portOf(createServer((socket) => serve(socket, () => socket.end()))),
  resettingPort: await portOf(createServer((socket) => serve(socket, () => socket.resetAndDestroy()))),
});
process.on('disconnect', () => process.exit(0));
