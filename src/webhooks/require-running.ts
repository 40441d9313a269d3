import { Problem } from '../model/problem.ts';
import { isRunning, type Webhook } from '../model/webhook.ts';

/** Refuses, with a Problem, to do something with a webhook that is stopped. `doing`: `sending to it`. */
export function requireRunning({ health }: Webhook, doing: string): void {
  if (isRunning(health.state)) return;
  throw new Problem('conflict', `The webhook is ${health.state}; enable it before ${doing}.`);
}
