import type { FastifyBodyParser, FastifyInstance } from 'fastify';
import { Problem } from '../model/problem.ts';

/**
 * Reads JSON bodies. An empty one is no body, as many clients send the content-type with every request.
 * Members named `__proto__` and the like are refused; a mistake is told with its place.
 */
export function jsonParser(api: Pick<FastifyInstance, 'getDefaultJsonParser'>): FastifyBodyParser<string> {
  const parse = api.getDefaultJsonParser('error', 'error') as FastifyBodyParser<string>;
  return (request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    return parse(request, body, (error, value) => {
      if (error) done(new Problem('invalid-input', mistakeIn(body)), undefined);
      else done(null, value);
    });
  };
}

function mistakeIn(body: string): string {
  try {
    JSON.parse(body);
  } catch (error) {
    // V8's message quotes the text around the mistake, and gives its place at the end.
    const message = error instanceof Error ? error.message : String(error);
    return `The body is not valid JSON: ${message.slice(0, 200)}.`;
  }
  return 'The body may not have members named "__proto__" or "constructor" with "prototype".';
}
