import { after } from 'node:test';

/** Where what a test starts is stopped again: the context of the test, or its suite. */
export interface Scope {
  after(stop: () => unknown): void;
}

/** The scope of a suite; to be called in its body. What was started last is stopped first. */
export function suiteScope(): Scope {
  const stops: Array<() => unknown> = [];
  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });
  return { after: (stop) => void stops.push(stop) };
}
