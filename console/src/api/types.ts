import type { components, operations } from './schema.d.ts';

export type { components };

/** The body of an operation's good answer. */
export type Answer<Name extends keyof operations> = {
  [Status in 200 | 201 | 202]: operations[Name]['responses'] extends {
    [Key in Status]: { content: { 'application/json': infer Body } };
  }
    ? Body
    : never;
}[200 | 201 | 202];

/** The JSON body that an operation takes. */
export type Input<Name extends keyof operations> = operations[Name] extends {
  requestBody?: { content: { 'application/json': infer Body } };
}
  ? Body
  : never;

/** The query parameters of an operation. */
export type Query<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;

export type Webhook = Answer<'getWebhook'>;
export type NewWebhook = Input<'createWebhook'>;
export type WebhookPatch = Input<'updateWebhook'>;
export type WebhookState = Webhook['status']['state'];
export type Preset = Webhook['preset'];
export type PresetDescription = Answer<'listPresets'>['data'][number];

export type Delivery = Answer<'getDelivery'>;
export type DeliveryState = Delivery['state'];
export type Attempt = Answer<'listAttempts'>['data'][number];

export type LoggedEvent = Answer<'listEvents'>['data'][number];
export type ExplainedEvent = Answer<'getEvent'>;

export type Inbox = Answer<'setInboxBehaviour'>;
export type InboxPage = Answer<'getInbox'>;
export type ReceivedRequest = InboxPage['data'][number];
export type BehaviourInput = Input<'setInboxBehaviour'>;

export type Base = Answer<'getBase'>;
export type Table = Answer<'getTable'>;
export type Column = Table['columns'][number];
export type ColumnType = Column['type'];
export type Row = Answer<'getRow'>;
export type Import = Answer<'getImport'>;
export type ImportPreview = Answer<'previewImport'>;
export type ChangeSet = Answer<'listChangeSets'>['data'][number];
export type Conversion = Answer<'convertColumn'>;

export type TestExchange = Answer<'testWebhook'>;
export type WebhookPreview = Answer<'previewWebhook'>;
export type Replay = Answer<'listReplays'>['data'][number];
export type ReplayScope = Replay['scope'];
export type ReplayCount = Answer<'countReplay'>;
