import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { webhookOf } from '../matching/testing/events.ts';
import type { Webhook, WebhookHealth } from '../model/webhook.ts';
import { takeOver } from './webhook-changes.ts';

const note = { by: 'ann', skips: false };
const known = webhookOf({}, { number: 7, revision: 4, interventions: 2, version: 3 });
const degraded: WebhookHealth = { ...known.health, state: 'degraded', failuresInRow: 3, sinceMs: 50 };
const paused: WebhookHealth = { ...known.health, state: 'paused', sinceMs: 60 };

function kinds(stored: Webhook, { from = known, ours = false, skips = false } = {}): string[] {
  return takeOver(from, stored, { by: 'ann', skips }, ours).changes.map((change) =>
    change.kind === 'enabled' ? `enabled, ${change.from}` : change.kind,
  );
}

describe('a webhook as the store has it', () => {
  it('is created when nobody has heard of it', () => {
    const { webhook, changes } = takeOver(null, known, note, false);
    assert.equal(webhook, known);
    assert.deepEqual(changes, [{ kind: 'created', webhook: known }]);
  });

  it('changes nothing when it is known so already, or was overtaken', () => {
    assert.deepEqual(kinds(known), []);
    const older = { ...known, revision: 3, interventions: 1, health: paused };
    assert.deepEqual(takeOver(known, older, note, false), { webhook: known, changes: [] });
  });

  it('is saved when its settings or its secrets are others', () => {
    const renamed = { ...known, revision: 5, version: 4, settings: { ...known.settings, name: 'new' } };
    assert.deepEqual(kinds(renamed), ['saved']);
    assert.deepEqual(kinds({ ...known, revision: 5, secret: 'whsec_other' }), ['saved']);
  });

  it('is paused or enabled when people have changed its state', () => {
    const stopped = { ...known, revision: 5, interventions: 3, health: paused };
    assert.deepEqual(kinds(stopped), ['paused']);
    const started = { ...stopped, revision: 6, interventions: 4, health: known.health };
    assert.deepEqual(kinds(started, { from: stopped }), ['enabled, continue']);
    assert.deepEqual(kinds(started, { from: stopped, skips: true }), ['enabled, skip']);
    const skipping = { ...started, startsAfterSeq: 12 };
    assert.deepEqual(kinds(skipping, { from: stopped }), ['enabled, skip']);
    const stoppedAgain = { ...skipping, revision: 7, interventions: 5, health: paused };
    assert.deepEqual(kinds(stoppedAgain, { from: stopped }), ['enabled, skip', 'paused']);
  });

  it('is saved and enabled when both happened before anybody looked', () => {
    const both = { ...known, revision: 6, interventions: 3, version: 4, secret: 'whsec_other' };
    const { webhook, changes } = takeOver({ ...known, health: paused }, both, note, true);
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      ['saved', 'enabled'],
    );
    const [saved, enabled] = changes;
    assert.ok(saved?.kind === 'saved' && enabled?.kind === 'enabled');
    assert.deepEqual(saved.before.health, paused);
    assert.equal(
      enabled.before.settings,
      webhook.settings,
      'whoever indexes settings finds what it has indexed',
    );
  });

  it('has the health that the store has, except where this process delivers to it and nobody intervened', () => {
    const stored = { ...known, health: degraded };
    assert.deepEqual(kinds(stored), ['health']);
    assert.deepEqual(takeOver(known, stored, note, false).webhook.health, degraded);
    assert.deepEqual(kinds(stored, { ours: true }), []);
    assert.deepEqual(takeOver(known, stored, note, true).webhook.health, known.health);
    const intervened = { ...known, revision: 5, interventions: 3, health: paused };
    assert.deepEqual(takeOver(known, intervened, note, true).webhook.health, paused);
  });
});
