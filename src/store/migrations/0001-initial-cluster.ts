/**
 * What the processes of a cluster know each other by, and what they tell each other.
 *
 * Processes keep configuration in memory. Triggers note each change of it, whoever makes it, under the place it has
 * among the changes of its shard: one row for each thing that ever changed, not for each change, since whoever
 * hears of one reads the thing anew. Places are taken as those of the journal, with a row lock until the commit, so
 * that no reader can pass by a change that commits late; and at the end of the transaction, so that the lock is short.
 */
export const clusterTables = `
-- Alive is a process whose session, the one that owns its shards, is there.
CREATE TABLE processes (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  -- The server process of its session, as pg_stat_activity has it.
  backend_pid integer NOT NULL,
  backend_started_at timestamptz NOT NULL,
  host text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  -- Goes up once a second as long as the process can act.
  beats bigint NOT NULL DEFAULT 0,
  -- It takes no more shards.
  leaving boolean NOT NULL DEFAULT false
) WITH (fillfactor = 20);

CREATE TABLE change_heads (
  shard smallint NOT NULL PRIMARY KEY,
  seq bigint NOT NULL
) WITH (fillfactor = 20);

CREATE TABLE changes (
  shard smallint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  -- Who made the change and how, as JSON; what the transaction set rowhook.change_note to.
  note text,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (shard, kind, name)
);
CREATE UNIQUE INDEX changes_by_seq ON changes (shard, seq);

CREATE FUNCTION note_change(its_kind text, its_workspace bigint, its_name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  home smallint := coalesce(its_workspace, 0) % (SELECT shard_count FROM installation);
  place bigint;
BEGIN
  INSERT INTO change_heads AS head (shard, seq) VALUES (home, 1)
    ON CONFLICT (shard) DO UPDATE SET seq = head.seq + 1 RETURNING seq INTO place;
  INSERT INTO changes (shard, kind, name, seq, note)
    VALUES (home, its_kind, its_name, place, nullif(current_setting('rowhook.change_note', true), ''))
    ON CONFLICT (shard, kind, name)
    DO UPDATE SET seq = excluded.seq, note = excluded.note, changed_at = excluded.changed_at;
  PERFORM pg_notify('rowhook_changes', home::text);
END $$;

CREATE FUNCTION note_webhook_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM note_change('webhook', OLD.workspace_number, OLD.number::text);
  ELSE
    PERFORM note_change('webhook', NEW.workspace_number, NEW.number::text);
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER webhook_comes_or_goes AFTER INSERT OR DELETE ON webhooks
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_webhook_change();
-- Failures are counted in the row, too; only the owner of the shard needs to know them.
CREATE CONSTRAINT TRIGGER webhook_changes AFTER UPDATE ON webhooks
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.revision <> OLD.revision OR NEW.state <> OLD.state)
  EXECUTE FUNCTION note_webhook_change();

CREATE FUNCTION note_base_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM note_change('base', OLD.workspace_number, OLD.id);
  ELSE
    PERFORM note_change('base', NEW.workspace_number, NEW.id);
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER base_changes AFTER UPDATE OR DELETE ON bases
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_base_change();

CREATE FUNCTION note_table_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM note_change('base', OLD.workspace_number, OLD.base_id);
  ELSE
    PERFORM note_change('base', NEW.workspace_number, NEW.base_id);
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER base_table_comes_or_goes AFTER INSERT OR DELETE ON base_tables
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_table_change();
-- Every inserted row moves next_row_number, which nobody keeps.
CREATE CONSTRAINT TRIGGER base_table_changes AFTER UPDATE ON base_tables
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.version <> OLD.version)
  EXECUTE FUNCTION note_table_change();

CREATE FUNCTION note_token_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_change('token', OLD.workspace_number, OLD.id);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER token_goes AFTER DELETE ON tokens
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_token_change();
`;
