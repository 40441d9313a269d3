import type { ApiPlugin } from '../api/plugin.ts';
import type { Clock } from '../model/clock.ts';
import { inboxRoutes } from './inbox-routes.ts';
import { Inboxes } from './inboxes.ts';
import { receiveRoutes } from './receive-routes.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface TestConsumerOptions {
  readonly clock: Clock;
  /**
   * The signing secrets of the webhooks whose URL points at an inbox. `url` is the inbox as the request
   * addressed it, without a query; behind a proxy its scheme may differ from the webhook's.
   */
  readonly secretsFor: (url: string) => readonly string[];
}

/**
 * The built-in consumer with which people see their webhooks arrive. Requests come to
 * `/test-consumer/in/NAME` without a token; `/test-consumer/inboxes` shows them and says how the inboxes
 * behave. Everything is in memory, within the bounds of `limits.ts`, and gone with the process.
 */
export function testConsumer({ clock, secretsFor }: TestConsumerOptions): ApiPlugin {
  return (api) => {
    const inboxes = new Inboxes();
    const waitingRoom = new WaitingRoom(clock);
    api.addHook('preClose', async () => waitingRoom.close());
    inboxRoutes(api, inboxes, clock);
    // Last, in a scope of its own: it takes bodies of every type as they are.
    api.register(async (scope) => receiveRoutes(scope, { inboxes, waitingRoom, clock, secretsFor }));
  };
}
