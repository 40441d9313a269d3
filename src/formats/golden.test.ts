import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  column,
  postedEvent,
  type RowEventOptions,
  rowEvent,
  type ShownCells,
  settingsOf,
  tableOf,
} from '../matching/testing/events.ts';
import type { JournalEvent } from '../model/event.ts';
import type { WebhookSettings } from '../model/webhook.ts';
import { type Rendering, tryRender } from './index.ts';
import { engineFor } from './template-engine.ts';

/**
 * Whole bodies, byte for byte. The files of SeaTable and Grist are the examples of their own documentation;
 * ids and times are part of the sample events. Files are indented for reading, bodies are not.
 */
function golden(name: string): string {
  const text = readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8');
  return JSON.stringify(JSON.parse(text));
}

function bodyOf(events: readonly JournalEvent[], settings: Partial<WebhookSettings>): string {
  const rendering: Rendering = tryRender(events, settingsOf(settings));
  assert.ok(!('failure' in rendering));
  return rendering.body;
}

const prio = column('Prio', 'single-select', '589r', {
  options: [
    { name: '++', color: '#F4667C', textColor: '#FFFFFF', id: '381992' },
    { name: '+', color: '#FBD44A', textColor: '#FFFFFF', id: '830278' },
  ],
});
const actor = { user: '4bc9a7c79c5942c5b6238413f2132bea@auth.local', app: null };
const opportunities = tableOf([column('Name', 'text', '0000'), prio]);

describe('SeaTable: the examples of its page on the structure of the data', () => {
  const opportunity = (
    previous: ShownCells | null,
    record: ShownCells | null,
    options: RowEventOptions,
  ): string =>
    bodyOf([rowEvent(opportunities, previous, record, { actor, ...options })], { format: 'seatable' });

  test('example 1: a new row was added', () => {
    const body = opportunity(null, {}, { rowId: 'Fk-i7xZGS5iA5aSvaG5HAA', occurredAtMs: 1_649_922_777_279 });
    assert.equal(body, golden('seatable-insert-row'));
  });

  test('example 2: a value of a single select was chosen', () => {
    const place = { rowId: 'QoNno3QiTF26sxmG1sl3_g', occurredAtMs: 1_649_929_622_589 };
    assert.equal(opportunity({}, { Prio: '++' }, place), golden('seatable-modify-row'));
  });

  test('example 3: a row was deleted', () => {
    const place = { rowId: 'QoNno3QiTF26sxmG1sl3_g', occurredAtMs: 1_649_929_650_668 };
    assert.equal(opportunity({ Prio: '++' }, null, place), golden('seatable-delete-row'));
  });
});

describe('Grist: the example of its page on webhooks', () => {
  const games = tableOf([
    column('Title'),
    column('URL', 'url'),
    column('Price', 'number'),
    column('Purchase status', 'single-select'),
    column('Currency', 'single-select'),
    column('Play status', 'single-select'),
    column('Box art', 'file'),
    column('Price (CAD)', 'number'),
  ]);

  test('rows that fire the webhook at the same time are sent together, as whole rows', () => {
    const trophy = {
      Title: 'Trophy',
      URL: 'https://example.com/buy/Trophy',
      Price: 60,
      'Purchase status': 'wishlisted',
      Currency: 'USD',
      'Play status': 'Not started',
      'Price (CAD)': 82.362,
    };
    const dataman = {
      Title: 'Dataman',
      URL: 'https://example.com/buy/Dataman',
      Price: 50,
      'Purchase status': 'own digitally',
      Currency: 'EUR',
      'Play status': 'Finished',
      'Price (CAD)': 74.71,
    };
    const events = [
      rowEvent(games, null, trophy, { rowNumber: 29 }),
      rowEvent(games, { ...dataman, Price: 40 }, dataman, { rowNumber: 24 }),
    ];
    assert.equal(bodyOf(events, { format: 'grist' }), golden('grist-rows'));
  });
});

describe('the other formats', () => {
  const occurredAtMs = 1_649_929_622_589;
  const rowChanged: JournalEvent = {
    ...rowEvent(
      opportunities,
      { Name: 'Acme' },
      { Name: 'Acme', Prio: '++' },
      { actor, rowId: 'QoNno3QiTF26sxmG1sl3_g', rowNumber: 12, rowName: 'Acme', occurredAtMs },
    ),
    seq: 12,
  };
  const written: JournalEvent = {
    ...postedEvent(
      'invoices.write.successful',
      {
        id: 'ba29118f-5406-4e59-b05c-ba307ca38d01',
        type: 'invoices.write',
        referenceCompany: { id: '0498e921-9b53-4396-a412-4f2f5983b0a2', name: 'Toft stores' },
      },
      { occurredAtMs },
    ),
    seq: 12,
  };

  test('standard', () => {
    assert.equal(bodyOf([rowChanged], { format: 'standard' }), golden('standard-row-updated'));
  });

  test('codat', () => {
    assert.equal(bodyOf([written], { format: 'codat' }), golden('codat-invoice'));
  });

  test('cloudevents', () => {
    const short = { ...rowChanged, dataJson: '{"base":"fae0a3a42ba94df88e8303fd385e37de"}' };
    assert.equal(bodyOf([short], { format: 'cloudevents' }), golden('cloudevents-row-updated'));
  });
});

describe('docs/formats.md', () => {
  const page = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, json]) =>
    JSON.stringify(JSON.parse(json ?? '')),
  );

  test('shows bodies as they are sent', () => {
    for (const name of [
      'standard-row-updated',
      'seatable-insert-row',
      'seatable-modify-row',
      'grist-rows',
      'codat-invoice',
      'cloudevents-row-updated',
    ]) {
      assert.ok(examples.includes(golden(name)), name);
    }
  });

  test('lists all tags and filters of templates', () => {
    const listed = page.slice(page.indexOf('Tags: '), page.indexOf('`"now" | date`'));
    const names = [...listed.matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name);
    const engine = engineFor('none');
    assert.deepEqual(
      names.toSorted(),
      [...Object.keys(engine.tags).filter((tag) => tag !== '#'), ...Object.keys(engine.filters)].toSorted(),
    );
  });
});
