import assert from 'node:assert/strict';
import type { RowEventData } from '../../src/model/event.ts';
import type { Arrival } from '../consumers/consumer-messages.ts';

/** The body of a request for one event of a row. */
export interface RowMessage {
  readonly type: string;
  readonly timestamp: string;
  readonly data: RowEventData;
}

/** The body of a request, whose signature was found to be right. */
export function readMessage<Message = RowMessage>(arrival: Arrival): Message {
  assert.equal(arrival.fault, null, `${arrival.id}: ${arrival.fault}`);
  return JSON.parse(arrival.body) as Message;
}
