const refusal = 'the audit log is append-only';

/**
 * The audit log is only added to. While retention removes old entries, it says in `audit_retention` up to when
 * they may go; outside of its transaction that is 0.
 */
export const sqliteAuditGuard = `
CREATE TRIGGER audit_entries_are_not_changed BEFORE UPDATE ON audit_entries BEGIN
  SELECT RAISE(ABORT, '${refusal}');
END;
CREATE TRIGGER audit_entries_are_not_replaced BEFORE INSERT ON audit_entries
WHEN EXISTS (SELECT 1 FROM audit_entries WHERE seq = NEW.seq) BEGIN
  SELECT RAISE(ABORT, '${refusal}');
END;
CREATE TRIGGER audit_entries_are_not_removed BEFORE DELETE ON audit_entries
WHEN OLD.at >= (SELECT max(removable_before) FROM audit_retention) BEGIN
  SELECT RAISE(ABORT, '${refusal}');
END;
`;

export const postgresAuditGuard = `
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.at < (SELECT max(removable_before) FROM audit_retention) THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION '${refusal}';
END $$;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON audit_entries
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_entries_are_not_truncated BEFORE TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
`;
