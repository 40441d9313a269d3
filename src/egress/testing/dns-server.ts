import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import ipaddr from 'ipaddr.js';
import type { TestScope } from './consumers.ts';

/** What the server answers to one question: addresses of any family, a failure, or nothing. */
export type DnsAnswer = readonly string[] | 'SERVFAIL' | 'SILENCE';

/**
 * Answers for each name, one after the other for each question; the last one is repeated.
 * A name with two answers rebinds. `name AAAA` as a key is for that type of question only.
 * Names that are not listed do not exist.
 */
export type DnsZone = Readonly<Record<string, readonly [DnsAnswer, ...DnsAnswer[]]>>;

export interface DnsServer {
  /** `ip:port`, as the setting `dnsServers` takes it. */
  readonly address: string;
  /** Every question so far, as `name type`. */
  readonly questions: string[];
}

const TYPE_A = 1;
const TYPE_AAAA = 28;
const NXDOMAIN = 3;
const SERVFAIL = 2;

/** A DNS server over UDP on loopback that knows A and AAAA records. */
export async function startDnsServer(scope: TestScope, zone: DnsZone, ttlSeconds = 0): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const questions: string[] = [];
  const asked = new Map<string, number>();

  socket.on('message', (query, sender) => {
    const question = readQuestion(query);
    const key = `${question.name} ${question.type === TYPE_AAAA ? 'AAAA' : 'A'}`;
    questions.push(key);
    const round = asked.get(key) ?? 0;
    asked.set(key, round + 1);
    const answers = zone[key] ?? zone[question.name];
    const answer = answers?.[Math.min(round, answers.length - 1)];
    if (answer === 'SILENCE') return;
    if (answer === undefined)
      socket.send(reply(query, question.end, NXDOMAIN, []), sender.port, sender.address);
    else if (answer === 'SERVFAIL') {
      socket.send(reply(query, question.end, SERVFAIL, []), sender.port, sender.address);
    } else {
      const length = question.type === TYPE_AAAA ? 16 : 4;
      const records = answer
        .map((text) => ipaddr.parse(text).toByteArray())
        .filter((bytes) => bytes.length === length);
      socket.send(reply(query, question.end, 0, records, ttlSeconds), sender.port, sender.address);
    }
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  scope.after(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return { address: `127.0.0.1:${socket.address().port}`, questions };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let position = 12;
  for (let length = query.readUInt8(position); length > 0; length = query.readUInt8(position)) {
    labels.push(query.toString('latin1', position + 1, position + 1 + length).toLowerCase());
    position += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(position + 1), end: position + 5 };
}

function reply(
  query: Buffer,
  questionEnd: number,
  code: number,
  records: readonly number[][],
  ttlSeconds = 0,
): Buffer {
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | code, 2); // a response, recursion available
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  const answers = records.map((bytes) => {
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0); // the name of the question
    record.writeUInt16BE(bytes.length === 16 ? TYPE_AAAA : TYPE_A, 2);
    record.writeUInt16BE(1, 4); // class IN
    record.writeUInt32BE(ttlSeconds, 6);
    record.writeUInt16BE(bytes.length, 10);
    return Buffer.concat([record, Buffer.from(bytes)]);
  });
  return Buffer.concat([header, query.subarray(12, questionEnd), ...answers]);
}
