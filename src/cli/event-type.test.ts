import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { RowhookUnderTest } from './testing/rowhook-under-test.ts';

const openApi = `
openapi: 3.1.0
webhooks:
  order.sent:
    post:
      summary: An order was sent.
      tags: [orders]
      requestBody:
        content:
          application/json:
            schema: { type: object, required: [id] }
            example: { id: 7 }
`;

describe('rowhook event-type', () => {
  let rowhook: RowhookUnderTest;
  before(async () => {
    rowhook = await RowhookUnderTest.start();
  });
  after(() => rowhook.stop());

  it('saves, changes, shows and archives event types', async () => {
    const schema = '{"type": "object", "required": ["number"]}';
    await writeFile(join(rowhook.directory, 'example.json'), '{"number": "A-17"}');
    await rowhook.succeed([
      ...['event-type', 'save', 'invoice.paid', '--description', 'A customer paid.', '--schema', schema],
      ...['--example', '@example.json', '--group', 'billing'],
    ]);
    await rowhook.succeed(['event-type', 'save', 'invoice.paid', '--deprecated', 'Use invoice.settled.']);
    const shown = await rowhook.succeed(['event-type', 'show', 'invoice.paid']);
    assert.match(shown, /state +deprecated/);
    assert.match(shown, /note +Use invoice\.settled\./);
    assert.match(shown, /description +A customer paid\./);
    assert.match(shown, /example +\{"number":"A-17"\}/);
    assert.match(
      await rowhook.succeed(['event-type', 'list', '--group', 'billing']),
      /invoice\.paid +1 +billing +yes +deprecated +A customer paid\./,
    );
    await rowhook.fail(
      ['event-type', 'save', 'invoice.paid', '--example', '{}'],
      1,
      /\/example\/number is missing, as the schema has it/,
    );
    assert.match(await rowhook.succeed(['event-type', 'versions', 'invoice.paid']), /1 +\d{4}-/);
    await rowhook.succeed(['event-type', 'archive', 'invoice.paid']);
    assert.doesNotMatch(await rowhook.succeed(['event-type', 'list']), /invoice\.paid/);
    assert.match(await rowhook.succeed(['event-type', 'list', '--archived']), /invoice\.paid .* archived/);
  });

  it('imports an OpenAPI document in YAML, and what it exports', async () => {
    await writeFile(join(rowhook.directory, 'openapi.yaml'), openApi);
    const dry = await rowhook.succeed(['event-type', 'import', 'openapi.yaml', '--dry-run']);
    assert.match(dry, /NAME +WOULD BE[^\n]*\norder\.sent +created/);
    assert.match(dry, /Nothing was changed\./);
    assert.match(await rowhook.succeed(['event-type', 'import', 'openapi.yaml']), /order\.sent +created/);
    const exported = await rowhook.succeed(['event-type', 'export']);
    assert.match(
      await rowhook.succeed(['event-type', 'import', '-'], { input: exported }),
      /order\.sent +unchanged/,
    );
    await writeFile(join(rowhook.directory, 'broken.yaml'), 'a: [');
    await rowhook.fail(['event-type', 'import', 'broken.yaml'], 2, /is neither JSON nor YAML/);
    await writeFile(join(rowhook.directory, 'other.json'), '{"a": 1}');
    await rowhook.fail(
      ['event-type', 'import', 'other.json'],
      2,
      /neither an OpenAPI document nor an export/,
    );
  });

  it('is asked when events are sent', async () => {
    await rowhook.succeed(['event-type', 'save', 'strict.type', '--schema', '{"required": ["a"]}']);
    await rowhook.succeed(['event-type', 'save', 'strict.type', '--enforcement', 'warn']);
    const sent = await rowhook.run(['event', 'send', 'strict.type', '--data', '{}', '--key', 'mine']);
    assert.equal(sent.exitCode, 0);
    assert.match(sent.errors, /warning: \/data\/a is missing/);
    const again = await rowhook.run(['event', 'send', 'strict.type', '--data', '{}', '--key', 'mine']);
    assert.equal(again.output, sent.output);
    assert.match(await rowhook.succeed(['search', 'mine']), new RegExp(`event +${sent.output.trim()}`));
    assert.match(await rowhook.succeed(['search', 'nothing']), /Nothing has this id\./);
    const later = ['event', 'send', 'a', '--data', '{}', '--deliver-at', '2126-01-01T00:00:00Z'];
    await rowhook.fail(later, 1, /ROWHOOK_MAX_DELAY_DAYS/);
  });
});
