import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveSettings } from './settings.ts';
import { faultsOf } from './testing/faults.ts';
import { baseId, lookups, minimal } from './testing/structure.ts';

const day = 24 * 60 * 60 * 1_000;

describe('a bad setting', () => {
  const reserved = 'is set by Rowhook itself and cannot be chosen';
  const value = 'must be printable ISO-8859-1 characters, without line breaks and without spaces around';
  const table: [string, object, string[]][] = [
    ['an unknown field', { colour: 'red' }, ['/colour is not a known field; allowed: ']],
    [
      'a misspelt field',
      { evenTypes: ['*'] },
      ['/evenTypes is not a known field (did you mean "eventTypes"?); allowed: '],
    ],
    [
      'a field that is read-only',
      { usage: {}, id: 'wh_1' },
      ['/usage is read-only; leave it out', '/id is read-only; leave it out'],
    ],
    ['no name', { name: undefined }, ['/name is missing']],
    ['a blank name', { name: ' ' }, ['/name must not be blank or have control characters']],
    ['an empty name', { name: '' }, ['/name must not be empty']],
    ['a line break in the name', { name: 'a\nb' }, ['/name must not be blank or have control characters']],
    ['a long name', { name: 'n'.repeat(256) }, ['/name must have at most 255 characters']],
    ['a number for a name', { name: 5 }, ['/name must be a text, not 5']],
    ['no URL', { url: null }, ['/url is missing']],
    ['a URL that the egress refuses', { url: 'http://10.0.0.1/' }, ['/url is refused: ']],
    ['a URL that is none', { url: 'example.com' }, ['/url is refused: ']],
    [
      'an unknown preset',
      { preset: 'airtable' },
      ['/preset must be one of plain, seatable, grist, codat, not "airtable"'],
    ],
    [
      'events that are not of rows, in a format of rows',
      { preset: 'seatable', eventTypes: ['invoice.paid'] },
      ['/eventTypes must be of rows only (row.*), since the format is "seatable"'],
    ],
    ['no event types', { eventTypes: [] }, ['/eventTypes must not be empty']],
    ['event types that are no list', { eventTypes: '*' }, ['/eventTypes must be a list, not "*"']],
    ['an event type that is no text', { eventTypes: [1] }, ['/eventTypes/0 must be a text, not 1']],
    [
      'an event type that is there twice',
      { eventTypes: ['a', 'a'] },
      ['/eventTypes/1 must not be there twice: "a"'],
    ],
    [
      'a wildcard inside of an event type',
      { eventTypes: ['a.*.b'] },
      [
        '/eventTypes/0 must be an event type such as invoice.paid, all below a name such as invoice.*, a group such as group:billing, or *, not "a.*.b"',
      ],
    ],
    [
      'a misspelt row event',
      { eventTypes: ['row.insert'] },
      [
        '/eventTypes/0 is no event of rows (did you mean "row.inserted"?); there are row.inserted, row.updated, row.deleted, row.*',
      ],
    ],
    [
      'an unknown base',
      { base: 'nope' },
      ['/base must be the id of a base; there is none with the id "nope"'],
    ],
    ['a table without a base', { table: 'People' }, ['/table needs a base, too']],
    [
      'columns without a table',
      { base: baseId, readyColumn: 'Ready', filterColumns: ['Name'] },
      ['/readyColumn needs a table, too', '/filterColumns needs a table, too'],
    ],
    [
      'columns without a base',
      { readyColumn: 'Ready', filterColumns: ['Name'] },
      ['/readyColumn needs a base and a table, too', '/filterColumns needs a base and a table, too'],
    ],
    [
      'an unknown table',
      { base: baseId, table: 'Persons' },
      ['/table must be the id or name of a table of the base, not "Persons"; its tables: "People", "Empty"'],
    ],
    [
      'unknown columns',
      { base: baseId, table: 'People', readyColumn: 'Redy', filterColumns: ['Name', 'Mail'] },
      [
        '/readyColumn must be the key or name of a column of the table, not "Redy"; its columns: "Name", "E-mail", "Ready"',
        '/filterColumns/1 must be the key or name of a column of the table, not "Mail"; its columns: "Name", "E-mail", "Ready"',
      ],
    ],
    [
      'a ready column that is no checkbox',
      { base: baseId, table: 'People', readyColumn: 'Name' },
      ['/readyColumn must be a column of the type checkbox; "Name" is of the type text'],
    ],
    ['a tag without a key', { tags: ['blue'] }, ['/tags/0 must have the form key:value, such as company:42']],
    [
      'too many tags',
      { tags: Array.from({ length: 11 }, (_, n) => `t:${n}`) },
      ['/tags must have at most 10 items, not 11'],
    ],
    [
      'a filter that names nothing known',
      { filter: 'x > 1' },
      ['/filter Unknown variable: x (at character 1)'],
    ],
    [
      'a filter on a column that the table does not have',
      { base: baseId, table: 'People', filter: 'record.Salary > 1' },
      ['/filter names "Salary" (at character 1); the columns are Name, E-mail, Ready'],
    ],
    [
      'a template in another format',
      { template: { contentType: 'text/plain', source: '' } },
      ['/template must be left out or null, since the format is "standard"'],
    ],
    [
      'the format template without one',
      { format: 'template' },
      ['/template is missing: the format "template" needs one'],
    ],
    [
      'a template with unknown members',
      { format: 'template', template: { contentType: 'text/plain', source: '', engine: 'ejs' } },
      ['/template/engine is not a known field; allowed: '],
    ],
    [
      'a template that cannot be read',
      { format: 'template', template: { contentType: 'text/plain', source: '{{ a ' } },
      ['/template/source output "{{ a " not closed, line:1, col:1 (at character 1)'],
    ],
    [
      'a batch in a format of single events',
      { preset: 'codat', batch: { maxEvents: 10, maxWaitMs: 0 } },
      ['/batch must have maxEvents 1, since the format "codat" has one event per request'],
    ],
    [
      'an unknown format',
      { format: 'xml' },
      ['/format must be one of standard, seatable, grist, codat, cloudevents, template, not "xml"'],
    ],
    ['headers that are a list', { headers: [] }, ['/headers must be an object, not a list']],
    ['a header of the connection', { headers: { Host: 'a' } }, [`/headers/Host ${reserved}`]],
    ['a header of the signature', { headers: { 'Webhook-Id': 'a' } }, [`/headers/Webhook-Id ${reserved}`]],
    ['a header of Rowhook', { headers: { 'rowhook-replay': 'a' } }, [`/headers/rowhook-replay ${reserved}`]],
    [
      'a header of a proxy',
      { headers: { 'proxy-authorization': 'a' } },
      [`/headers/proxy-authorization ${reserved}`],
    ],
    [
      'a header that is not one',
      { headers: { 'a b': 'c' } },
      ["/headers/a b must have a name of letters, digits and !#$%&'*+.^_`|~-"],
    ],
    [
      'a header without a name',
      { headers: { '': 'c' } },
      ["/headers/ must have a name of letters, digits and !#$%&'*+.^_`|~-"],
    ],
    [
      'a header that is there twice',
      { headers: { 'X-A': 'b', 'x-a': 'c' } },
      ['/headers/x-a is there twice'],
    ],
    ['a header that is a number', { headers: { 'x-a': 1 } }, ['/headers/x-a must be a text, not 1']],
    ['a line break in a header', { headers: { 'x-a': 'b\r\nHost: evil' } }, [`/headers/x-a ${value}`]],
    ['NUL in a header', { headers: { 'x-a': 'b\0' } }, [`/headers/x-a ${value}`]],
    ['a character beyond ISO-8859-1', { headers: { 'x-a': '€' } }, [`/headers/x-a ${value}`]],
    ['a header with space around', { headers: { 'x-a': ' b' } }, [`/headers/x-a ${value}`]],
    [
      'a long header',
      { headers: { 'x-a': 'b'.repeat(4_097) } },
      ['/headers/x-a must have at most 4096 characters'],
    ],
    [
      'many headers',
      { headers: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`x-${n}`, ''])) },
      ['/headers must have at most 50 headers'],
    ],
    [
      'large headers',
      { headers: Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`x-${n}`, 'v'.repeat(4_000)])) },
      ['/headers must have at most 16384 bytes, names and values together'],
    ],
    [
      'a hidden value that was never saved',
      { headers: { authorization: '***' } },
      ['/headers/authorization must be the value itself; *** only stands for one that was saved before'],
    ],
    ['another success rule', { success: '201' }, ['/success must be one of 2xx, 200, not "201"']],
    ['a number for a success rule', { success: 200 }, ['/success must be one of 2xx, 200, not 200']],
    [
      'a timeout that is too short',
      { timeoutMs: 99 },
      ['/timeoutMs must be a whole number from 100 to 120000, not 99'],
    ],
    [
      'a timeout in text',
      { timeoutMs: '1000' },
      ['/timeoutMs must be a whole number from 100 to 120000, not "1000"'],
    ],
    [
      'an unknown retry schedule',
      { retry: 'often' },
      ['/retry must be an object or one of none, seatable, grist, codat, not "often"'],
    ],
    ['a retry that is a list', { retry: [1] }, ['/retry must be an object, not a list']],
    [
      'an unknown member of retry',
      { retry: { delays: [1] } },
      ['/retry/delays is not a known field (did you mean "delaysMs"?); allowed: delaysMs, jitter, forever'],
    ],
    [
      'bad delays',
      { retry: { delaysMs: [0, -1, 1.5, 30 * day + 1, '1'] } },
      [1, 2, 3, 4].map(
        (index) =>
          `/retry/delaysMs/${index} must be a whole number from 0 to 2592000000, not ${['', '-1', '1.5', '2592000001', '"1"'][index]}`,
      ),
    ],
    [
      'too many delays',
      { retry: { delaysMs: Array(101).fill(1) } },
      ['/retry/delaysMs must have at most 100 items, not 101'],
    ],
    [
      'a flood that never ends',
      { retry: { delaysMs: [5_000, 999], forever: true } },
      ['/retry/delaysMs must end with at least 1000 when the schedule goes on for ever'],
    ],
    [
      'for ever without a delay',
      { retry: { delaysMs: [], forever: true } },
      ['/retry/delaysMs must end with at least 1000 when the schedule goes on for ever'],
    ],
    ['too much jitter', { retry: { jitter: 1.1 } }, ['/retry/jitter must be a number from 0 to 1, not 1.1']],
    ['jitter in text', { retry: { jitter: '1' } }, ['/retry/jitter must be a number from 0 to 1, not "1"']],
    [
      'bad reasons to disable',
      { disable: { afterFailures: 0, afterFailingMs: 1 } },
      [
        '/disable/afterFailures must be a whole number from 1 to 100000, not 0',
        '/disable/afterFailingMs must be a whole number from 60000 to 31536000000, not 1',
      ],
    ],
    [
      'bad batches',
      { batch: { maxEvents: 1_001, maxWaitMs: -1 } },
      [
        '/batch/maxEvents must be a whole number from 1 to 1000, not 1001',
        '/batch/maxWaitMs must be a whole number from 0 to 3600000, not -1',
      ],
    ],
    ['an unknown order', { order: 'random' }, ['/order must be one of ordered, independent, not "random"']],
    [
      'two requests at once, in order',
      { concurrency: 2 },
      ['/concurrency must be 1 for an ordered webhook, not 2; or set order to independent'],
    ],
    [
      'too many requests at once',
      { concurrency: 101 },
      ['/concurrency must be a whole number from 1 to 100, not 101'],
    ],
    [
      'no requests at all',
      { ratePerSecond: 0 },
      ['/ratePerSecond must be a number from 0.001 to 10000, not 0'],
    ],
    ['a word for enabled', { enabled: 'yes' }, ['/enabled must be true or false, not "yes"']],
    [
      'a secret of another form',
      { secret: 'password' },
      ['/secret must be whsec_ and the base64 of 24 to 64 bytes'],
    ],
    [
      'a secret that is too short',
      { secret: `whsec_${Buffer.alloc(23).toString('base64')}` },
      ['/secret must be whsec_ and the base64 of 24 to 64 bytes'],
    ],
    [
      'a secret that is not quite base64',
      { secret: `whsec_${'A'.repeat(33)}` },
      ['/secret must be whsec_ and the base64 of 24 to 64 bytes'],
    ],
  ];
  for (const [what, input, expected] of table) {
    it(`is refused and named: ${what}`, async () => {
      const faults = await faultsOf(resolveSettings({ ...minimal, ...input }, lookups));
      assert.equal(faults.length, expected.length, faults.join('\n'));
      for (const [index, fault] of faults.entries()) {
        const wanted = expected[index] ?? '';
        assert.ok(
          wanted.endsWith(': ') ? fault.startsWith(wanted) : fault === wanted,
          `${fault}\n≠ ${wanted}`,
        );
      }
    });
  }

  it('is told together with all others', async () => {
    const faults = await faultsOf(
      resolveSettings(
        { ur: 'x', eventTypes: [1], timeoutMs: 1, retry: { jitter: 2 }, headers: { Host: '' } },
        lookups,
      ),
    );
    assert.deepEqual(faults.map((fault) => fault.split(' ')[0]).sort(), [
      '/eventTypes/0',
      '/headers/Host',
      '/name',
      '/retry/jitter',
      '/timeoutMs',
      '/ur',
      '/url',
    ]);
  });

  it('is refused when there is no object at all', async () => {
    for (const input of [undefined, null, 'x', 1, []]) {
      assert.equal((await faultsOf(resolveSettings(input, lookups)))[0]?.split(' must')[0], '');
    }
  });
});
