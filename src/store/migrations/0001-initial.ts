import { postgresAuditGuard, sqliteAuditGuard } from './0001-initial-audit.ts';
import { clusterTables } from './0001-initial-cluster.ts';
import { postgresTables } from './0001-initial-postgres.ts';
import { inPostgres, type Migration } from './migration.ts';

/** Configuration and structure, which both engines reach through Kysely (`schema.ts`). */
const sharedTables = `
CREATE TABLE workspaces (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  branding_json TEXT NOT NULL,
  limits_json TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- Its number stays taken: what is left of it is removed bit by bit.
  deleted_at INTEGER
) STRICT;

CREATE TABLE tokens (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  secret_hash TEXT NOT NULL UNIQUE,
  workspace_number INTEGER REFERENCES workspaces (number),
  role TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER
) STRICT;

CREATE TABLE people (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  operator INTEGER NOT NULL,
  state TEXT NOT NULL,
  password_hash TEXT,
  openid_subject TEXT UNIQUE,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  last_sign_in_at INTEGER
) STRICT;

CREATE TABLE memberships (
  person_number INTEGER NOT NULL REFERENCES people (number),
  workspace_number INTEGER NOT NULL REFERENCES workspaces (number),
  role TEXT NOT NULL,
  PRIMARY KEY (person_number, workspace_number)
) STRICT;
CREATE INDEX memberships_by_workspace ON memberships (workspace_number);

CREATE TABLE password_links (
  person_number INTEGER PRIMARY KEY REFERENCES people (number),
  secret_hash TEXT NOT NULL UNIQUE,
  purpose TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE portal_links (
  id TEXT NOT NULL PRIMARY KEY,
  secret_hash TEXT NOT NULL UNIQUE,
  workspace_number INTEGER NOT NULL REFERENCES workspaces (number),
  name TEXT NOT NULL,
  event_types_json TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  last_opened_at INTEGER
) STRICT;
CREATE INDEX portal_links_by_workspace ON portal_links (workspace_number, created_at);
CREATE INDEX portal_links_by_end ON portal_links (expires_at);

-- Of a person, of whoever signed in with a token, or of whoever opened a portal link.
CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY,
  secret_hash TEXT NOT NULL UNIQUE,
  person_number INTEGER REFERENCES people (number),
  token_hash TEXT,
  portal_link_id TEXT REFERENCES portal_links (id),
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_by_person ON sessions (person_number) WHERE person_number IS NOT NULL;
CREATE INDEX sessions_by_token ON sessions (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX sessions_by_portal_link ON sessions (portal_link_id) WHERE portal_link_id IS NOT NULL;
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_by_use ON sessions (last_used_at);

-- Who changed what. Written once: triggers (in 0001-initial-audit.ts) refuse everything but adding, and retention.
CREATE TABLE audit_entries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  workspace_number INTEGER,
  action TEXT NOT NULL,
  author_kind TEXT NOT NULL,
  author_id TEXT,
  author_name TEXT NOT NULL,
  on_behalf_of TEXT,
  request_id TEXT,
  address TEXT,
  target_kind TEXT NOT NULL,
  target_id TEXT NOT NULL,
  target_name TEXT NOT NULL,
  changes_json TEXT NOT NULL
) STRICT;
CREATE INDEX audit_entries_by_workspace ON audit_entries (workspace_number, seq);
CREATE INDEX audit_entries_by_author ON audit_entries (author_id, seq);
CREATE INDEX audit_entries_by_target ON audit_entries (target_id, seq);

-- While retention removes old entries, its transaction says here up to when.
CREATE TABLE audit_retention (removable_before INTEGER NOT NULL) STRICT;
INSERT INTO audit_retention VALUES (0);

CREATE TABLE bases (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_number INTEGER NOT NULL REFERENCES workspaces (number),
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX bases_by_workspace ON bases (workspace_number, created_at);

CREATE TABLE base_tables (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  base_id TEXT NOT NULL REFERENCES bases (id),
  workspace_number INTEGER NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  columns_json TEXT NOT NULL,
  next_row_number INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (base_id, id),
  UNIQUE (base_id, name)
) STRICT;

-- Every structure a table has had. Kept when the table is deleted, since events name a version.
CREATE TABLE table_versions (
  table_number INTEGER NOT NULL,
  version INTEGER NOT NULL,
  id TEXT NOT NULL,
  base_id TEXT NOT NULL,
  workspace_number INTEGER NOT NULL,
  name TEXT NOT NULL,
  columns_json TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (table_number, version)
) STRICT;

CREATE TABLE event_types (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace_number INTEGER NOT NULL REFERENCES workspaces (number),
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  description TEXT NOT NULL,
  groups_json TEXT NOT NULL,
  schema_json TEXT,
  example_json TEXT,
  enforcement TEXT,
  deprecated INTEGER NOT NULL,
  deprecation_note TEXT NOT NULL,
  archived INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (workspace_number, name)
) STRICT;

-- Every schema an event type has had.
CREATE TABLE event_type_versions (
  event_type_number INTEGER NOT NULL,
  version INTEGER NOT NULL,
  schema_json TEXT,
  example_json TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (event_type_number, version)
) STRICT;

-- What workspaces ask of posted events. The revision counts every change of their catalogue.
CREATE TABLE publishing_policies (
  workspace_number INTEGER PRIMARY KEY REFERENCES workspaces (number),
  enforcement TEXT NOT NULL,
  unknown_types TEXT NOT NULL,
  revision INTEGER NOT NULL
) STRICT;

-- Counters of attempts: of a webhook, or of all of a workspace (webhook 0), for a span of time. A minute has a
-- row for each process that counted in it; hours and days are put together from what they replace.
CREATE TABLE activity (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace_number INTEGER NOT NULL,
  webhook_number INTEGER NOT NULL,
  span TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  writer TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  succeeded INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  exhausted INTEGER NOT NULL,
  latencies TEXT NOT NULL,
  UNIQUE (workspace_number, webhook_number, starts_at, span, writer)
) STRICT;
CREATE INDEX activity_by_age ON activity (span, starts_at);

-- Posted events that are not due yet, and what became of those that were. State: scheduled, published, cancelled.
CREATE TABLE scheduled_events (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_number INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  type TEXT NOT NULL,
  event_json TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  event_seq INTEGER,
  event_accepted_at INTEGER,
  cancelled_by TEXT
) STRICT;
CREATE INDEX scheduled_events_by_workspace ON scheduled_events (workspace_number, number);
CREATE INDEX scheduled_events_due ON scheduled_events (due_at) WHERE state = 'scheduled';
CREATE INDEX scheduled_events_finished ON scheduled_events (finished_at) WHERE finished_at IS NOT NULL;

-- What was answered to a call that named a key, so that a repeat gets the same.
CREATE TABLE idempotency_keys (
  workspace_number INTEGER NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  note TEXT NOT NULL,
  places_json TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_number, key)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE webhooks (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_number INTEGER NOT NULL REFERENCES workspaces (number),
  version INTEGER NOT NULL,
  settings_json TEXT NOT NULL,
  sealed_secret TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  since INTEGER NOT NULL,
  failures_in_row INTEGER NOT NULL,
  failing_since INTEGER,
  starts_after_seq INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  interventions INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX webhooks_by_workspace ON webhooks (workspace_number);

CREATE TABLE webhook_versions (
  webhook_number INTEGER NOT NULL,
  version INTEGER NOT NULL,
  settings_json TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (webhook_number, version)
) STRICT;

CREATE TABLE health_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook_number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT
) STRICT;
CREATE INDEX health_changes_by_webhook ON health_changes (webhook_number);

CREATE TABLE replays (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_number INTEGER NOT NULL,
  webhook_number INTEGER NOT NULL,
  scope TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  position_seq INTEGER NOT NULL,
  rate_per_second REAL NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  succeeded INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;
CREATE INDEX replays_by_workspace ON replays (workspace_number);
CREATE INDEX replays_unfinished ON replays (workspace_number, from_seq) WHERE state IN ('running', 'paused');
`;

/** What the statements of the SQLite engine know: rows, journal, deliveries. */
const sqliteTables = `
CREATE TABLE rows (
  table_number INTEGER NOT NULL,
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  cells TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT,
  updated_by TEXT
) STRICT;
CREATE UNIQUE INDEX rows_by_number ON rows (table_number, number);
CREATE UNIQUE INDEX rows_by_id ON rows (table_number, id);

-- The last changes of each table, to be undone. Their events have the places from first_seq to last_seq.
CREATE TABLE change_sets (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  table_number INTEGER NOT NULL,
  id TEXT NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  -- Of deleted rows: what their events do not tell.
  deleted_rows TEXT,
  undoes TEXT,
  undone_by TEXT
) STRICT;
CREATE INDEX change_sets_by_table ON change_sets (table_number, number);

-- Columns whose cells are indexed. State: building, ready, dropping.
CREATE TABLE cell_indexes (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  table_number INTEGER NOT NULL,
  column_key TEXT NOT NULL,
  shape TEXT NOT NULL,
  state TEXT NOT NULL
) STRICT;

-- One entry for each row of the table; an empty cell is an empty blob, which sorts after everything else.
CREATE TABLE cell_index_entries (
  index_number INTEGER NOT NULL,
  value ANY NOT NULL COLLATE NOCASE,
  row_number INTEGER NOT NULL,
  PRIMARY KEY (index_number, value, row_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace_number INTEGER NOT NULL,
  type TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  data TEXT NOT NULL,
  tags TEXT,
  table_number INTEGER,
  table_version INTEGER,
  row_id TEXT,
  change_set_id TEXT,
  simulated_for TEXT,
  -- Groups that its type had in the catalogue when it was accepted.
  groups TEXT
) STRICT;
CREATE INDEX events_by_workspace ON events (workspace_number);
CREATE INDEX events_by_row ON events (row_id) WHERE row_id IS NOT NULL;

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  workspace_number INTEGER NOT NULL,
  webhook_number INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  batch_seqs TEXT,
  event_type TEXT NOT NULL,
  webhook_version INTEGER NOT NULL,
  state TEXT NOT NULL,
  simulated INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  next_attempt_at INTEGER,
  http_status INTEGER,
  error_code TEXT,
  discarded_by TEXT,
  first_attempt TEXT
) STRICT;
CREATE UNIQUE INDEX deliveries_by_webhook ON deliveries (webhook_number, seq);
CREATE INDEX deliveries_by_workspace ON deliveries (workspace_number);
-- For lists: the entries of each are in the order of the ids. Of those that failed there are few, as a rule.
CREATE INDEX deliveries_in_order_by_webhook ON deliveries (webhook_number);
CREATE INDEX deliveries_failed ON deliveries (workspace_number) WHERE state <> 'succeeded';
CREATE INDEX deliveries_failed_by_webhook ON deliveries (webhook_number) WHERE state <> 'succeeded';
-- By the last event of the batch.
CREATE INDEX deliveries_by_batch_end ON deliveries (webhook_number, json_extract(batch_seqs, '$[#-1]'))
  WHERE batch_seqs IS NOT NULL;
CREATE INDEX deliveries_not_succeeded ON deliveries (webhook_number, state, seq) WHERE state <> 'succeeded';
-- Tells retention what must stay. A delivery that succeeds at once, as nearly all do, never enters it.
CREATE INDEX deliveries_unfinished ON deliveries (workspace_number, seq) WHERE state IN ('retrying', 'sending');

CREATE TABLE attempts (
  webhook_number INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  number INTEGER NOT NULL,
  attempt TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX attempts_by_delivery ON attempts (webhook_number, seq, number);

CREATE TABLE retries (
  webhook_number INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  batch_seqs TEXT,
  event_type TEXT NOT NULL,
  simulated INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  schedule_step INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX retries_by_delivery ON retries (webhook_number, seq);
CREATE INDEX retries_by_due ON retries (webhook_number, due_at);

-- How far delivery has come. The row of webhook 0 is the checkpoint of every webhook without its own row.
CREATE TABLE cursors (
  webhook_number INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  waiting INTEGER NOT NULL
) STRICT;
`;

/** The first schema. */
export const initial: Migration = {
  sqlite: sharedTables + sqliteAuditGuard + sqliteTables,
  postgres: inPostgres(sharedTables) + postgresAuditGuard + postgresTables + clusterTables,
};
