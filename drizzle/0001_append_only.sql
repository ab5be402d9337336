-- The log and the output only ever grow. ENABLE ALWAYS: the triggers fire under session_replication_role = replica too.
-- An owner or a superuser can still drop a trigger: that is what the hash chain, the audit commits and the two roles of
-- docs/database.md are for.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '% on % is refused: it is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
--> statement-breakpoint
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "event" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
ALTER TABLE "event" ENABLE ALWAYS TRIGGER event_append_only;
--> statement-breakpoint
CREATE TRIGGER output_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "output" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
ALTER TABLE "output" ENABLE ALWAYS TRIGGER output_append_only;
