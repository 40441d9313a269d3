import type { ServerProcess } from '../support/server-process.ts';

interface Made {
  readonly id: string;
}

interface Listed {
  readonly data: readonly { readonly id: string; readonly state: string; readonly webhook: string | null }[];
}

/** What there is to see in a workspace that has been in use. */
export interface SampleWorkspace {
  readonly base: string;
  readonly table: string;
  /** A webhook that works, one that fails, and one that a person paused. */
  readonly webhook: string;
  readonly failing: string;
  readonly paused: string;
  readonly event: string;
  readonly delivery: string;
  readonly failedDelivery: string;
  /** Every kind of page, with something to show. */
  readonly paths: readonly string[];
}

const statuses = [
  { name: 'open', color: '#FFE8CC', textColor: '#7A3E00' },
  { name: 'sent', color: '#D3F9D8', textColor: '#14532D' },
  { name: 'returned', color: '#FFE3E3', textColor: '#8F1D1D' },
];

/** A column of every type, so that every way of showing a cell is seen. */
const columns = [
  { key: 'order', name: 'Order', type: 'text' },
  { key: 'customer', name: 'Customer', type: 'text' },
  { key: 'amount', name: 'Amount', type: 'number' },
  { key: 'status', name: 'Status', type: 'single-select', data: { options: statuses } },
  { key: 'paid', name: 'Paid', type: 'checkbox' },
  { key: 'rating', name: 'Rating', type: 'rating' },
  { key: 'due', name: 'Due', type: 'date' },
  { key: 'labels', name: 'Labels', type: 'multiple-select', data: { options: statuses } },
  { key: 'picture', name: 'Picture', type: 'image' },
  { key: 'place', name: 'Place', type: 'geolocation' },
  { key: 'site', name: 'Site', type: 'url' },
  { key: 'took', name: 'Took', type: 'duration' },
  { key: 'notes', name: 'Notes', type: 'long-text' },
  { key: 'number', name: 'Number', type: 'auto-number', data: { prefix: 'R-' } },
  { key: 'made', name: 'Made', type: 'created' },
  { key: 'by', name: 'By', type: 'created-by' },
];

const customers = ['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Emmy Noether', 'Katherine Johnson'];

function rowOf(number: number) {
  return {
    cells: {
      order: `A-${1001 + number}`,
      customer: customers[number % customers.length],
      amount: Math.round((number * 37.35 + 12) * 100) / 100,
      status: statuses[number % 3]?.name,
      paid: number % 2 === 0,
      rating: (number % 5) + 1,
      due: `2026-03-${String((number % 27) + 1).padStart(2, '0')}`,
      labels: number % 3 === 0 ? ['open', 'sent'] : ['returned'],
      place: number % 2 === 0 ? { lat: 48.85, lng: 2.35 } : { country_region: 'France' },
      site: 'https://example.com/orders',
      took: 3_600 + number * 60,
      notes: number % 4 === 0 ? 'Delivered to the neighbour.\nRing twice.' : null,
    },
  };
}

/** Fills a server, and waits until what can be delivered has been. */
export async function makeSampleWorkspace(server: ServerProcess): Promise<SampleWorkspace> {
  const { api } = server;
  const consumer = (name: string): string => `${server.url}/test-consumer/in/${name}`;
  const base = await api.post<Made>('/v1/bases', { name: 'Shop' });
  const table = await api.post<Made>(`/v1/bases/${base.id}/tables`, { name: 'Orders', columns });
  await api.post(`/v1/bases/${base.id}/tables`, {
    name: 'Customers',
    columns: [{ name: 'Name', type: 'text' }],
  });
  const webhook = await api.post<Made>('/v1/webhooks', {
    name: 'Orders to the warehouse',
    url: consumer('look'),
    base: base.id,
    table: table.id,
    eventTypes: ['row.*'],
  });
  await api.call('PUT', '/test-consumer/inboxes/broken/behaviour', { kind: 'answer', status: 500 });
  const failing = await api.post<Made>('/v1/webhooks', {
    name: 'Invoices to the bookkeeping, which is down at present',
    url: consumer('broken'),
    preset: 'codat',
    timeoutMs: 9_000,
    eventTypes: ['invoice.*'],
    retry: { delaysMs: [50, 3_600_000] },
  });
  const paused = await api.post<Made>('/v1/webhooks', {
    name: 'Everything to the archive',
    url: consumer('archive'),
    preset: 'grist',
    base: base.id,
    table: table.id,
  });
  await api.post(`/v1/webhooks/${paused.id}/disable`, { reason: 'the archive moves' });
  await api.post(`/v1/bases/${base.id}/tables/${table.id}/rows`, {
    rows: Array.from({ length: 24 }, (_, number) => rowOf(number)),
  });
  await api.post('/v1/event-types', {
    name: 'invoice.paid',
    description: 'A customer has paid an invoice.',
    groups: ['billing'],
    schema: {
      type: 'object',
      properties: { invoice: { type: 'string' }, amount: { type: 'number', minimum: 0 } },
      required: ['invoice', 'amount'],
    },
    example: { invoice: 'INV-42', amount: 129.9 },
  });
  await api.post('/v1/event-types', {
    name: 'invoice.sent',
    description: 'An invoice has left.',
    deprecated: true,
    deprecationNote: 'Use invoice.paid.',
  });
  await api.post('/v1/events', {
    type: 'invoice.paid',
    data: { invoice: 'INV-43', amount: 1 },
    deliverAt: new Date(Date.now() + 86_400_000).toISOString(),
  });
  await api.post('/v1/tokens', { name: 'The shop', role: 'editor' });
  await api.post('/v1/members', { email: 'ada@example.com', name: 'Ada Lovelace', role: 'admin' });
  const event = await api.post<Made>('/v1/events', {
    type: 'invoice.paid',
    data: { invoice: 'INV-42', amount: 129.9, customer: { name: 'Ada Lovelace', country: 'GB' } },
    tags: ['company:42'],
  });
  const settled = await api.until(
    async () => ({
      good: (await api.get<Listed>(`/v1/deliveries?webhook=${webhook.id}&state=succeeded`)).data,
      bad: (await api.get<Listed>(`/v1/deliveries?webhook=${failing.id}&state=retrying`)).data,
    }),
    ({ good, bad }) => good.length === 24 && bad.length === 1,
  );
  const delivery = settled.good[0]?.id ?? '';
  const failedDelivery = settled.bad[0]?.id ?? '';
  return {
    base: base.id,
    table: table.id,
    webhook: webhook.id,
    failing: failing.id,
    paused: paused.id,
    event: event.id,
    delivery,
    failedDelivery,
    paths: [
      '/',
      '/webhooks',
      `/webhooks/${webhook.id}`,
      `/webhooks/${failing.id}`,
      `/webhooks/${paused.id}`,
      `/webhooks/${webhook.id}/edit`,
      '/webhooks/new',
      '/deliveries',
      `/deliveries/${delivery}`,
      `/deliveries/${failedDelivery}`,
      '/bases',
      `/bases/${base.id}/${table.id}`,
      '/events',
      `/events/${event.id}`,
      '/events/send',
      '/events/scheduled',
      '/event-types',
      '/event-types/invoice.paid',
      '/event-types/invoice.paid/edit',
      '/event-types/row.updated',
      '/consumer',
      '/consumer/look',
      '/settings',
      '/settings/tokens',
      '/settings/members',
      '/settings/publishing',
      '/settings/people',
      '/settings/workspaces',
      '/settings/server',
      '/nowhere',
    ],
  };
}
