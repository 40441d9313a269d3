import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { column, postedEvent, rowEvent, settingsOf, tableOf } from '../matching/testing/events.ts';
import type { JournalEvent } from '../model/event.ts';
import { eventId } from '../model/ids.ts';
import { tryRender } from './index.ts';
import { compileTemplate, type Template } from './template.ts';
import { templateLimits } from './template-limits.ts';

const table = tableOf([
  column('Title'),
  column('Amount', 'number'),
  column('Due date', 'date'),
  column('Tags'),
]);
const before = { Title: 'Old "title"', Amount: null };
const after = { Title: 'Zoë "😀" <b>\n& more', Amount: 12.5, Tags: ['new', 'big'] };
const updated = rowEvent(table, before, after, { actor: { user: 'ada', app: null }, rowNumber: 7 });
const paid = postedEvent(
  'invoice.paid',
  { amount: 100, company: { name: 'Acme' } },
  { tags: ['company:42'] },
);

function templateOf(source: string, contentType = 'application/json'): Template {
  const compiled = compileTemplate({ contentType, source });
  assert.ok(compiled.ok, compiled.ok ? '' : compiled.message);
  return compiled.template;
}

function body(source: string, contentType: string, ...events: readonly JournalEvent[]): string {
  const rendering = templateOf(source, contentType).render(events);
  assert.ok(!('failure' in rendering), 'failure' in rendering ? rendering.failure : '');
  return rendering.body;
}

function json(source: string, ...events: readonly JournalEvent[]): unknown {
  return JSON.parse(body(source, 'application/json', ...events));
}

function failure(source: string, event: JournalEvent, contentType = 'text/plain'): string {
  const rendering = templateOf(source, contentType).render([event]);
  assert.ok('failure' in rendering, 'it was rendered');
  return rendering.failure;
}

function refusal(source: string, contentType = 'application/json'): unknown {
  const { ok, ...rest } = compileTemplate({ contentType, source });
  assert.equal(ok, false, `${source} is accepted`);
  return rest;
}

describe('what a template can name', () => {
  test('the event, and the data of one that an application posted', () => {
    const source =
      '{"id": {{ event.id }}, "type": {{ event.type }}, "at": {{ event.time }}, "tags": {{ event.tags }}, ' +
      '"amount": {{ data.amount }}, "company": {{ data.company.name }}}';
    assert.deepEqual(json(source, paid), {
      id: eventId(paid.acceptedAtMs, paid.seq),
      type: 'invoice.paid',
      at: '2026-11-24T09:00:00.000Z',
      tags: ['company:42'],
      amount: 100,
      company: 'Acme',
    });
  });

  test('the row, the old one, what changed, where and by whom', () => {
    const source =
      '{"title": {{ record.Title }}, "was": {{ previous.Title }}, "due": {{ record["Due date"] }}, ' +
      '"changed": {{ changes | map: "name" }}, "row": {{ row.number }}, "table": {{ table.name }}, ' +
      '"by": {{ actor.user }}, "base": {{ base }}}';
    assert.deepEqual(json(source, updated), {
      title: after.Title,
      was: before.Title,
      due: null,
      changed: ['Title', 'Amount', 'Tags'],
      row: 7,
      table: 'Opportunities',
      by: 'ada',
      base: table.baseId,
    });
  });

  test('all events of a batch', () => {
    const source =
      '[{% for one in events %}{"type": {{ one.type }}, "title": {{ one.record.Title }}}' +
      '{% unless forloop.last %},{% endunless %}{% endfor %}]';
    assert.deepEqual(json(source, updated, paid), [
      { type: 'row.updated', title: after.Title },
      { type: 'invoice.paid', title: null },
    ]);
  });

  test('nothing that is not there: no members of objects, no files, no clock', () => {
    assert.equal(
      body('[{{ record.constructor }}{{ data.__proto__ }}{{ process.env }}]', 'text/plain', updated),
      '[]',
    );
    for (const tag of ['include', 'render', 'layout', 'block']) {
      assert.deepEqual(refusal(`{% ${tag} "/etc/passwd" %}`), {
        member: 'source',
        message: `tag "${tag}" not found, line:1, col:1`,
        position: 0,
      });
    }
    const year = body('{{ "now" | date: "%Y-%m-%d" }} {{ "today" | date: "%H:%M" }}', 'text/plain', paid);
    assert.equal(year, '2026-11-24 09:00', 'now is the time of the event');
  });
});

describe('a template for JSON', () => {
  test('has values in quotes as text, and values without quotes as JSON', () => {
    assert.deepEqual(json('{"a": "{{ record.Title }}", "b": {{ record.Title }}}', updated), {
      a: after.Title,
      b: after.Title,
    });
    assert.deepEqual(json('{"a": "{{ record.Amount }}", "b": {{ record.Amount }}}', updated), {
      a: '12.5',
      b: 12.5,
    });
    assert.deepEqual(json('{"a": "{{ record.Tags }}", "b": {{ record.Tags }}}', updated), {
      a: '["new","big"]',
      b: ['new', 'big'],
    });
    assert.deepEqual(
      json('{"a": "{{ record.Nope }}", "b": {{ record.Nope }}, "c": "\\"{{ row.number }}"}', updated),
      {
        a: '',
        b: null,
        c: '"7',
      },
    );
  });

  test('is JSON whatever the values are', () => {
    const source =
      '{"quoted": "Re: {{ data.value }}!", "bare": {{ data.value }}, "list": [{{ data.value }}, {{ data.value }}], ' +
      '"raw": {{ data.value | json }}, {{ data.name }}: true}';
    const template = templateOf(source);
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, name) => {
        const event = postedEvent('a.b', { value, name: `name ${name}` });
        const known = JSON.parse(event.dataJson).value;
        const rendering = template.render([event]);
        assert.ok(!('failure' in rendering));
        const read = JSON.parse(rendering.body);
        assert.deepEqual([read.bare, read.raw, ...read.list], [known, known, known, known]);
        assert.ok(Object.hasOwn(read, JSON.parse(event.dataJson).name));
      }),
    );
  });

  test('fails when it is no JSON for other reasons, and says where', () => {
    assert.match(failure('{"a": 1,}', paid, 'application/json'), /^the body is not JSON: .*position 8/);
    assert.match(failure('', paid, 'application/problem+json'), /^the body is not JSON: /);
  });
});

describe('a template for XML', () => {
  test('has values escaped, for elements and attributes', () => {
    const source = '<row n="{{ row.number }}" title="{{ record.Title }}">{{ record.Title }}</row>';
    const title = 'Zoë &quot;😀&quot; &lt;b&gt;\n&amp; more';
    for (const contentType of [
      'application/xml',
      'text/xml; charset=utf-8',
      'application/atom+xml',
      'text/html',
    ]) {
      assert.equal(body(source, contentType, updated), `<row n="7" title="${title}">${title}</row>`);
    }
  });

  test('has no characters that XML cannot hold', () => {
    const odd = postedEvent('a.b', { text: 'a\u0000b\u001fc\ud800d\ufffee' });
    assert.equal(
      body('<t>{{ data.text }}</t>', 'application/xml', odd),
      '<t>a\ufffdb\ufffdc\ufffdd\ufffde</t>',
    );
  });

  test('escapes once although the template escapes, too', () => {
    assert.equal(body('<t>{{ "<" | escape }}</t>', 'application/xml', paid), '<t>&lt;</t>');
  });

  test('can write XML as it is', () => {
    assert.equal(body('<t>{{ "<b/>" | raw }}</t>', 'application/xml', paid), '<t><b/></t>');
  });
});

describe('a template for text', () => {
  test('has values as they are', () => {
    const source = '{{ record.Title }}|{{ record.Amount }}|{{ record.Nope }}|{{ record.Tags | join: ", " }}';
    assert.equal(body(source, 'text/plain; charset=utf-8', updated), `${after.Title}|12.5||new, big`);
  });

  test('has values encoded in a form', () => {
    const source = 'text={{ record.Title }}&amount={{ record.Amount }}';
    const read = new URLSearchParams(body(source, 'application/x-www-form-urlencoded', updated));
    assert.deepEqual(Object.fromEntries(read), { text: after.Title, amount: '12.5' });
  });
});

describe('a template that is not valid', () => {
  test('is refused when it is compiled, with the place of the mistake', () => {
    const cases: Readonly<Record<string, { message: RegExp; position: number }>> = {
      '{"a": {{ event.id }': { message: /not closed/, position: 6 },
      '{% if a %}x': { message: /not closed/, position: 0 },
      'x\n{% nope %}': { message: /tag "nope" not found/, position: 2 },
      '{{ "a" | sha1 }}': { message: /undefined filter: sha1/, position: 0 },
      '{{ events | shuffle }}': { message: /undefined filter: shuffle/, position: 0 },
      '{{ events | sample }}': { message: /undefined filter: sample/, position: 0 },
      '{% capture a %}x{% endcapture %}': { message: /tag "capture" not found/, position: 0 },
    };
    for (const [source, { message, position }] of Object.entries(cases)) {
      const compiled = compileTemplate({ contentType: 'application/json', source });
      assert.ok(!compiled.ok, `${source} is accepted`);
      assert.match(compiled.message, message);
      assert.equal(compiled.position, position, source);
    }
  });

  test('is refused for its content type', () => {
    const media = 'must be a media type such as application/json, text/xml or text/plain; charset=utf-8';
    for (const contentType of ['', 'json', 'text/plain\r\nX-Evil: 1', 'text/plain; charset', 'a/b/c']) {
      assert.deepEqual(refusal('x', contentType), { member: 'contentType', message: media, position: 0 });
    }
    assert.deepEqual(refusal('x', 'text/plain; charset=latin1'), {
      member: 'contentType',
      message: 'must have the charset utf-8',
      position: 0,
    });
    assert.match(JSON.stringify(refusal('x', `text/${'x'.repeat(300)}`)), /at most 200 characters/);
  });
});

describe('no template can hold up the process', () => {
  const long = postedEvent('a.b', {
    text: '<'.repeat(500_000),
    list: Array.from({ length: 1_000 }, (_, n) => n),
  });
  const slow = `the template takes longer than ${templateLimits.renderMs} ms`;
  const greedy = `the template makes more than ${templateLimits.madeItems} characters and list items`;
  const tooLong = `the body has more than ${templateLimits.bodyCharacters} characters`;

  test('loops in loops run out of time', () => {
    const loop = (inner: string): string => `{% for i in data.list %}${inner}{% endfor %}`;
    const deep = (inner: string): string => loop(loop(loop(loop(inner))));
    for (const inner of [
      'x',
      '',
      '{{ i }}',
      '{% assign a = i %}',
      '{% if data.text contains "x" %}{% endif %}',
    ]) {
      assert.equal(failure(deep(inner), long), slow, inner);
    }
  });

  test('ranges, texts and lists cannot grow without end', () => {
    const twice = (filter: string): string =>
      `{% assign v = data.list | join: "-" %}{% for i in (1..60) %}{% assign v = v | ${filter} %}{% endfor %}`;
    for (const source of [
      '{% for i in (1..1000000000) %}x{% endfor %}',
      twice('append: v'),
      twice('replace: "1", v'),
      '{% assign v = data.list %}{% for i in (1..60) %}{% assign v = v | concat: v %}{% endfor %}',
      '{{ 0 | date: "%9999999d" }}',
      `{{ '"' ${'| json '.repeat(60)} }}`,
    ]) {
      assert.equal(failure(source, long), greedy, source);
    }
  });

  test('bodies cannot grow without end', () => {
    const filler = 'x'.repeat(60_000);
    assert.equal(failure(`{% for i in (1..1000) %}${filler}{% endfor %}`, long), tooLong);
    assert.equal(failure(`{% for i in (1..100000) %}${filler}{% endfor %}`, long), tooLong);
    const values = '[0{% for i in (1..1000) %}, {{ data.text }}{% endfor %}]';
    assert.equal(failure(values, long, 'application/json'), tooLong);
    assert.equal(failure('{% for i in (1..100) %}{{ data.text }}{% endfor %}', long, 'text/plain'), tooLong);
  });

  test('templates are bounded in length, and nesting is no way around', () => {
    const { sourceCharacters } = templateLimits;
    assert.deepEqual(refusal('x'.repeat(sourceCharacters + 1)), {
      member: 'source',
      message: `must have at most ${sourceCharacters} characters`,
      position: sourceCharacters,
    });
    const deep = `${'{% if true %}'.repeat(2_000)}x${'{% endif %}'.repeat(2_000)}`;
    const compiled = compileTemplate({ contentType: 'text/plain', source: deep });
    if (compiled.ok) assert.ok(compiled.template.render([long]));
  });

  test('what is in reason is rendered: a hundred events in one body', () => {
    const events = Array.from({ length: 100 }, () => updated);
    const source =
      '[{% for one in events %}{"id": {{ one.id }}, "title": "{{ one.record.Title | upcase }}", ' +
      '"amount": {{ one.record.Amount }}}{% unless forloop.last %},{% endunless %}{% endfor %}]';
    const read = json(source, ...events);
    assert.ok(Array.isArray(read) && read.length === 100);
  });
});

describe('the format template', () => {
  test('renders the template of the webhook, with its content type', () => {
    const template = { contentType: 'text/plain', source: 'Paid: {{ data.amount }}' };
    assert.deepEqual(tryRender([paid], settingsOf({ format: 'template', template })), {
      contentType: 'text/plain',
      body: 'Paid: 100',
    });
  });

  test('fails with the reason when the template fails or is missing', () => {
    const template = { contentType: 'text/plain', source: '{% if %}' };
    const broken = tryRender([paid], settingsOf({ format: 'template', template }));
    assert.ok('failure' in broken && broken.failure.length > 0);
    assert.deepEqual(tryRender([paid], settingsOf({ format: 'template' })), {
      failure: 'the webhook has no template',
    });
  });
});
