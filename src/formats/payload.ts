/** What a format makes of events: the bytes of a request, the same each time for the same events. */
export interface Payload {
  readonly contentType: string;
  readonly body: string;
}

/** There is nothing to send: the person's own template failed for these events. */
export interface RenderFailure {
  /** What went wrong, for the person who wrote the template. */
  readonly failure: string;
}

export type Rendering = Payload | RenderFailure;

/** A payload of JSON; several bodies become one array. */
export function jsonPayload(bodies: readonly string[], batched: boolean): Payload {
  return { contentType: 'application/json', body: batched ? `[${bodies.join(',')}]` : bodies.join('') };
}
