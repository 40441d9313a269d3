import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Begins an answer of server-sent events, with the headers that every answer has; from here on it is the caller's. */
export function beginEventStream(reply: FastifyReply): ServerResponse {
  const { raw } = reply;
  for (const [header, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(header, value);
  }
  reply.hijack();
  raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
  return raw;
}
