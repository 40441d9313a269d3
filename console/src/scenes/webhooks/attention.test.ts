import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebhookState } from '../../api/types.ts';
import { byAttention, needsAttention } from './attention.ts';

const webhook = (name: string, state: WebhookState) => ({ name, status: { state, reason: null, since: '' } });

test('what needs attention comes first, then by name', () => {
  const sorted = [
    webhook('b', 'active'),
    webhook('a', 'active'),
    webhook('p', 'paused'),
    webhook('f', 'degraded'),
    webhook('d', 'disabled'),
  ].sort(byAttention);
  assert.equal(sorted.map(({ name }) => name).join(''), 'dfpab');
});

test('a webhook that a person paused needs no attention', () => {
  assert.ok(!needsAttention(webhook('p', 'paused')));
  assert.ok(needsAttention(webhook('i', 'invalid')));
});
