import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRunning, isSecretHeader, type WebhookState } from './webhook.ts';

describe('a webhook', () => {
  it('lets deliveries leave while it is active or degraded, and in no other state', () => {
    const running: Record<WebhookState, boolean> = {
      active: true,
      degraded: true,
      paused: false,
      disabled: false,
      invalid: false,
    };
    for (const [state, expected] of Object.entries(running)) {
      assert.equal(isRunning(state as WebhookState), expected, state);
    }
  });
});

describe('a header', () => {
  it('is secret when its name says that it may carry a credential', () => {
    const secret = [
      'authorization',
      'Proxy-Authorization',
      'cookie',
      'x-auth-token',
      'x-api-key',
      'apikey',
      'X-Shared-Secret',
      'x-password',
      'x-signature',
    ];
    for (const name of secret) assert.ok(isSecretHeader(name), name);
  });

  it('is shown when its name does not', () => {
    for (const name of ['content-type', 'x-tenant', 'user-agent', 'x-request-id']) {
      assert.ok(!isSecretHeader(name), name);
    }
  });
});
