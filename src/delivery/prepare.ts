import { tryRender } from '../formats/index.ts';
import type { JournalEvent } from '../model/event.ts';
import type { WebhookSettings } from '../model/webhook.ts';

/** Why there is nothing that could be sent. Documented with the other codes in docs/errors.md. */
export const unsendableCodes = {
  TEMPLATE_FAILED: {
    cause: "The webhook's own template failed for these events.",
    cure: 'Mend the template, then recover the failed deliveries.',
  },
  PAYLOAD_TOO_LARGE: {
    cause: 'The body is larger than ROWHOOK_MAX_PAYLOAD_BYTES.',
    cure: 'Send less: smaller batches, or a template that leaves out what is not needed.',
  },
} as const;

export interface Unsendable {
  readonly code: keyof typeof unsendableCodes;
  readonly message: string;
}

/** The bytes of a delivery; `unsendable` is set when no request can be made of them. */
export interface Prepared {
  readonly contentType: string;
  readonly body: string;
  readonly unsendable: Unsendable | null;
}

/** Renders events as the webhook wants them, within the bound of what is sent. */
export type Prepare = (events: readonly JournalEvent[], settings: WebhookSettings) => Prepared;

export function preparePayloads(maxPayloadBytes: number): Prepare {
  return (events, settings) => {
    const rendering = tryRender(events, settings);
    if ('failure' in rendering) {
      return nothing({ code: 'TEMPLATE_FAILED', message: `The template failed: ${rendering.failure}` });
    }
    // A character has at most three bytes per UTF-16 unit, so most bodies need not be measured.
    const { body } = rendering;
    const isLarge = body.length * 3 > maxPayloadBytes && Buffer.byteLength(body) > maxPayloadBytes;
    if (!isLarge) return { ...rendering, unsendable: null };
    const message = `The body has ${Buffer.byteLength(body)} bytes; at most ${maxPayloadBytes} are sent.`;
    return nothing({ code: 'PAYLOAD_TOO_LARGE', message });
  };
}

function nothing(unsendable: Unsendable): Prepared {
  return { contentType: 'text/plain', body: '', unsendable };
}
