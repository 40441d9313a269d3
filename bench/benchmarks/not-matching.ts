import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Benchmark, Extent } from '../benchmark.ts';
import { FigureTable, type Findings } from '../figures.ts';
import { Rig } from '../parts/rig.ts';
import { Server } from '../parts/server.ts';
import type { Stage } from '../parts/stage.ts';
import { dataBytes, inTurns, planFor } from './plans.ts';

const few = 100;
const many = 100_000;
const eventsPerRun = 30_000;

export const notMatching: Benchmark = {
  name: 'not-matching',
  question: `what does an event cost with ${many.toLocaleString('en-US')} webhooks that do not want it, over ${few}?`,
  run: async (stage: Stage, extent: Extent): Promise<Findings> => {
    const rig = await Rig.start(stage);
    const withFew = await serverWith(stage, few);
    const withMany = await serverWith(stage, Math.ceil(many * extent.scale));
    const table = new FigureTable();
    for (let round = 0; round <= extent.rounds; round += 1) {
      const [fewRun, manyRun] = await inTurns(round, [withFew, withMany], (server) => accept(rig, server));
      if (round === 0) continue; // warms up
      table.add(`${few} webhooks: accepted`, 'events/s', fewRun.perSecond);
      table.add(`${many} webhooks: accepted`, 'events/s', manyRun.perSecond);
      table.add(`${few} webhooks: processor time of the server`, 'µs/event', fewRun.micros);
      table.add(`${many} webhooks: processor time of the server`, 'µs/event', manyRun.micros);
      table.add('many over few: processor time', 'ratio', manyRun.micros / fewRun.micros, { atMost: 1.5 });
    }
    table.add(`${few} webhooks: memory of the server`, 'MiB', withFew.figures.residentMiB);
    table.add(`${many} webhooks: memory of the server`, 'MiB', withMany.figures.residentMiB);
    return { figures: table.list(), notes: [] };
  },
};

async function accept(rig: Rig, server: Server): Promise<{ perSecond: number; micros: number }> {
  const before = server.figures.cpuMicros;
  const work = { kind: 'events', types: ['wanted.by.nobody'], eventsPerCall: 100, dataBytes } as const;
  const { events, elapsedMs } = await rig.load.tell('run', {
    ...planFor(server, work, { kind: 'flatOut' }),
    events: eventsPerRun,
  });
  return {
    perSecond: (events / elapsedMs) * 1_000,
    micros: (server.figures.cpuMicros - before) / events,
  };
}

/** A server with so many webhooks, each for an event type of its own. */
async function serverWith(stage: Stage, webhooks: number): Promise<Server> {
  const server = await Server.start(stage);
  await server.createWebhook('http://127.0.0.1:9/', { eventTypes: ['copied.number'] });
  await server.stop();
  multiplyWebhook(join(server.directory, 'rowhook.db'), webhooks);
  await server.restart();
  return server;
}

/** Copies the one webhook of a database. Through the API, each of so many would be a transaction of its own. */
function multiplyWebhook(file: string, times: number): void {
  const database = new Database(file);
  const webhook = database.prepare('SELECT * FROM webhooks').get() as Record<string, string | number | null>;
  const columns = Object.keys(webhook).filter((name) => name !== 'number');
  const insert = database.prepare(
    `INSERT INTO webhooks (${columns.join(', ')}) VALUES (${columns.map((name) => `:${name}`).join(', ')})`,
  );
  database.transaction(() => {
    for (let number = 1; number < times; number += 1) {
      const settings = String(webhook.settings_json).replace('copied.number', `copied.number${number}`);
      insert.run({ ...webhook, id: `wh_${String(number).padStart(16, '0')}`, settings_json: settings });
    }
  })();
  database.close();
}
