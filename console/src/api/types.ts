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

export type Me = Answer<'getMe'>;
export type OpenSession = Answer<'listMySessions'>['data'][number];
export type Token = Answer<'listTokens'>['data'][number];
export type Member = Answer<'listMembers'>['data'][number];
export type Person = Answer<'listPeople'>['data'][number];
export type PasswordLink = Answer<'createPasswordLink'>;
export type WorkspaceRole = Member['role'] & ('viewer' | 'editor' | 'admin');
export type ServerSetting = Answer<'listSettings'>['data'][number];
export type Role = 'viewer' | 'editor' | 'admin' | 'operator';

export type Webhook = Answer<'getWebhook'>;
export type NewWebhook = Input<'createWebhook'>;
export type WebhookPatch = Input<'updateWebhook'>;
export type WebhookState = Webhook['status']['state'];
export type Preset = Webhook['preset'];
export type PresetDescription = Answer<'listPresets'>['data'][number];

export type Delivery = Answer<'getDelivery'>;
export type DeliveryState = Delivery['state'];
export type Attempt = Answer<'listAttempts'>['data'][number];

export type EventType = Answer<'getEventType'>;
export type EventTypeVersion = Answer<'listEventTypeVersions'>['data'][number];
export type ImportReport = Answer<'importEventTypes'>;
export type PublishingPolicy = Answer<'getPublishingPolicy'>;
export type ScheduledEvent = Answer<'getScheduledEvent'>;

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
