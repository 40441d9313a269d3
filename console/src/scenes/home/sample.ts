import { createBase, createTable } from '../../api/queries/bases.ts';
import { inboxUrl } from '../../api/queries/consumer.ts';
import { insertRows } from '../../api/queries/rows.ts';
import { createWebhook } from '../../api/queries/webhooks.ts';
import type { Messages } from '../../i18n/index.tsx';
import { newInboxName, rememberInbox } from '../consumer/known-inboxes.ts';

type Text = Messages['home']['sample'];

/** Where the sample is. */
export interface Sample {
  readonly base: string;
  readonly table: string;
}

/**
 * Makes a base with a table of orders, and a webhook that sends its changes to the built-in test consumer.
 * The rows are there before the webhook is, so that the first thing that arrives is the person's own change.
 */
export async function createSample(text: Text): Promise<Sample> {
  const base = await createBase(text.base);
  const { open, sent, returned } = text.statuses;
  const table = await createTable(base.id, {
    name: text.table,
    columns: [
      { key: 'order', name: text.columns.order, type: 'text' },
      { key: 'customer', name: text.columns.customer, type: 'text' },
      { key: 'amount', name: text.columns.amount, type: 'number' },
      {
        key: 'status',
        name: text.columns.status,
        type: 'single-select',
        data: { options: [open, sent, returned].map((name) => ({ name })) },
      },
      { key: 'paid', name: text.columns.paid, type: 'checkbox' },
    ],
  });
  const place = { base: base.id, table: table.id };
  const row = (order: string, customer: string, amount: number, status: string, paid: boolean) => ({
    cells: { order, customer, amount, status, paid },
  });
  await insertRows(place, [
    row('A-1001', 'Ada Lovelace', 129.9, open, false),
    row('A-1002', 'Grace Hopper', 48, sent, true),
    row('A-1003', 'Alan Turing', 312.5, open, false),
    row('A-1004', 'Emmy Noether', 18.75, returned, false),
  ]);
  const inbox = newInboxName();
  rememberInbox(inbox);
  await createWebhook({
    name: text.webhook,
    url: inboxUrl(inbox),
    eventTypes: ['row.*'],
    base: base.id,
    table: table.id,
  });
  return place;
}
