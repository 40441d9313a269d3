import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { ImportAnswer, RowAnswer } from '../../src/cli/answers.ts';
import { airportColumns, airportsFile, readAirports } from '../support/airports.ts';
import type { TablePlace } from '../support/api-client.ts';
import { ConsumerProcess } from '../support/consumer-process.ts';
import { type RowMessage, readMessage } from '../support/row-events.ts';
import { suiteScope } from '../support/scope.ts';
import { operatorToken, ServerProcess } from '../support/server-process.ts';

const command = join(import.meta.dirname, '../../bin/rowhook.js');
const timeout = 120_000;

describe('a real file of 3,376 rows', () => {
  const airports = readAirports();
  const scope = suiteScope();
  let server: ServerProcess;
  let consumer: ConsumerProcess;
  before(async () => {
    server = await ServerProcess.start(scope);
    consumer = await ConsumerProcess.start(scope);
  });

  /** A webhook for the row changes of a base, and the path at which its requests come. */
  const subscribe = async (base: string): Promise<{ id: string; path: string }> => {
    const path = `/${base}`;
    const { id, secret } = await server.api.createWebhook({
      name: `Rows of ${base}`,
      url: consumer.url(path),
      base,
      eventTypes: ['row.*'],
    });
    await consumer.hook(path, secret);
    return { id, path };
  };

  const assertAllArrived = async (
    webhook: { id: string; path: string },
    place: TablePlace,
  ): Promise<void> => {
    await consumer.receives(webhook.path, airports.length);
    const messages = consumer.at(webhook.path).map((arrival) => readMessage(arrival));
    assert.deepEqual(
      messages.map(({ data }) => data.record),
      airports,
    );
    assert.deepEqual(
      messages.map(({ data }) => data.row.number),
      airports.map((_, index) => index + 1),
    );
    for (const { type, data } of messages) {
      assert.equal(type, 'row.inserted');
      assert.equal(data.base, place.base.id);
      assert.deepEqual(data.table, { id: place.table.id, name: place.table.name });
      assert.equal(data.previous, null);
    }
    // The log tells the same: each row one delivery, each delivery one attempt.
    const logged = await server.api.until(
      () => server.api.deliveries(webhook.id),
      (deliveries) => deliveries.length >= airports.length,
    );
    assert.deepEqual(
      new Set(logged.map(({ id }) => id)),
      new Set(consumer.at(webhook.path).map(({ id }) => id)),
    );
    assert.ok(logged.every(({ state, attempts }) => state === 'succeeded' && attempts === 1));
  };

  it('streamed to the API: each row reaches the consumer, in order, signed', { timeout }, async () => {
    const place = await server.api.createTable('airports', airportColumns);
    const webhook = await subscribe(place.base.id);
    const answer = await fetch(`${server.url}${place.path}/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'text/csv' },
      body: Readable.toWeb(createReadStream(airportsFile)) as ReadableStream<Uint8Array>,
      duplex: 'half',
    });
    const { state, rowsImported } = (await answer.json()) as ImportAnswer;
    assert.deepEqual([answer.status, state, rowsImported], [200, 'done', airports.length]);
    await assertAllArrived(webhook, place);
  });

  it('imported on the command line: the same', { timeout }, async () => {
    // The webhook must be there before the rows are; the table is made by the import.
    const base = await server.api.post<TablePlace['base']>('/v1/bases', { name: 'Travel' });
    const webhook = await subscribe(base.id);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [command, 'import', airportsFile, '--base', 'Travel', '--create', '--json'],
      { env: { PATH: process.env.PATH, ROWHOOK_SERVER: server.url, ROWHOOK_TOKEN: operatorToken } },
    );
    const { state, rowsImported } = JSON.parse(stdout) as ImportAnswer;
    assert.deepEqual([state, rowsImported], ['done', airports.length]);
    const [table] = await server.api.all<TablePlace['table']>(`/v1/bases/${base.id}/tables`);
    assert.ok(table);
    assert.deepEqual(
      table.columns.map(({ name, type }) => ({ name, type })),
      airportColumns,
    );
    await assertAllArrived(webhook, { base, table, path: `/v1/bases/${base.id}/tables/${table.id}` });
  });

  it('changed afterwards: updates and deletes arrive with old and new values', { timeout }, async () => {
    const { api } = server;
    const place = await api.createTable('changes', airportColumns);
    const inserted = await api.post<{ rows: RowAnswer[] }>(`${place.path}/rows`, {
      rows: airports.slice(0, 100).map((cells) => ({ cells })),
    });
    const webhook = await subscribe(place.base.id);
    const columnOf = (name: string) => {
      const column = place.table.columns.find((candidate) => candidate.name === name);
      assert.ok(column);
      const { key, type, data } = column;
      return { key, name, type, data };
    };

    await api.patch(`${place.path}/rows`, {
      rows: inserted.rows.map(({ id, number }) => ({
        id,
        cells: { city: `City ${number}`, latitude: null },
      })),
    });
    await api.delete(`${place.path}/rows`, { ids: inserted.rows.slice(0, 50).map(({ id }) => id) });
    await consumer.receives(webhook.path, 150);
    const messages = consumer.at(webhook.path).map((arrival) => readMessage(arrival));

    for (const [index, { type, data }] of messages.slice(0, 100).entries()) {
      const before = airports[index];
      assert.ok(before);
      const after = { ...before, city: `City ${index + 1}`, latitude: null };
      assert.equal(type, 'row.updated');
      assert.equal(data.row.id, inserted.rows[index]?.id);
      assert.deepEqual([data.record, data.previous], [after, before]);
      assert.deepEqual(data.changes, [
        { ...columnOf('city'), value: after.city, oldValue: before.city },
        { ...columnOf('latitude'), value: null, oldValue: before.latitude },
      ]);
    }
    for (const [index, { type, data }] of messages.slice(100).entries()) {
      assert.equal(type, 'row.deleted');
      assert.equal(data.row.id, inserted.rows[index]?.id);
      assert.deepEqual(
        [data.record, data.previous],
        [null, { ...airports[index], city: `City ${index + 1}`, latitude: null }],
      );
    }
  });

  it('an update that changes nothing, and a change of the structure, make no event', {
    timeout,
  }, async () => {
    const { api } = server;
    const place = await api.createTable('quiet', airportColumns);
    const { rows } = await api.post<{ rows: RowAnswer[] }>(`${place.path}/rows`, {
      rows: airports.slice(0, 3).map((cells) => ({ cells })),
    });
    const webhook = await subscribe(place.base.id);
    const eventsBefore = (await api.events('row.updated')).length;

    await api.patch(`${place.path}/rows`, {
      rows: rows.map(({ id }, index) => ({ id, cells: { ...airports[index] } })),
    });
    await api.patch(`${place.path}/rows`, { rows: rows.map(({ id }) => ({ id, cells: {} })) });
    await api.post(`${place.path}/columns`, { name: 'elevation', type: 'number' });
    await api.patch(`${place.path}/columns/city`, { name: 'town' });
    await api.delete(`${place.path}/columns/state`);
    await api.patch(place.path, { name: 'silent' });
    await api.post(`/v1/bases/${place.base.id}/tables`, { name: 'more', columns: airportColumns });

    // Events come in order: when the one of a real change is the first to arrive, none was before it.
    await api.patch(`${place.path}/rows`, { rows: [{ id: rows[1]?.id, cells: { elevation: 12 } }] });
    await consumer.receives(webhook.path, 1);
    const [{ type, data }] = consumer.at(webhook.path).map((arrival) => readMessage(arrival)) as [RowMessage];
    assert.equal(type, 'row.updated');
    assert.deepEqual(data.table, { id: place.table.id, name: 'silent' });
    assert.deepEqual(
      data.changes.map(({ name, value, oldValue }) => ({ name, value, oldValue })),
      [{ name: 'elevation', value: 12, oldValue: null }],
    );
    const { state, ...record } = airports[1] as Record<string, unknown>;
    const { city, ...others } = record;
    assert.ok(state !== undefined);
    assert.deepEqual(data.record, { ...others, town: city, elevation: 12 });
    assert.equal((await api.events('row.updated')).length, eventsBefore + 1);
  });
});
