import assert from 'node:assert/strict';
import type { Arrival } from '../consumers/consumer-messages.ts';

/** Requests in which a delivery came for the first time, and those that repeated one. */
export interface Split {
  readonly firsts: readonly Arrival[];
  readonly repeats: readonly Arrival[];
}

/**
 * Tells the first request of each delivery from its repeats. I7: a repeat has the same `webhook-id` and the
 * same body, and no other delivery has either.
 */
export function splitRepeats(arrivals: readonly Arrival[]): Split {
  const bodyOf = new Map<string, string>();
  const idOf = new Map<string, string>();
  const firsts: Arrival[] = [];
  const repeats: Arrival[] = [];
  for (const arrival of arrivals) {
    const { id, body, fault } = arrival;
    assert.equal(fault, null, `${id}: ${fault}`);
    if (bodyOf.has(id)) repeats.push(arrival);
    else firsts.push(arrival);
    assert.equal(bodyOf.get(id) ?? body, body, `${id} was repeated with another body`);
    assert.equal(idOf.get(body) ?? id, id, `the delivery ${idOf.get(body)} came again as ${id}`);
    bodyOf.set(id, body);
    idOf.set(body, id);
  }
  return { firsts, repeats };
}
