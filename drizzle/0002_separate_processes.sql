CREATE TABLE "leadership" (
	"name" text PRIMARY KEY NOT NULL,
	"token" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "once" (
	"key" text PRIMARY KEY NOT NULL,
	"task" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "task_open" ON "task" USING btree ("task") WHERE state not in ('succeeded', 'failed', 'cancelled', 'unknown', 'refused', 'rejected', 'expired');--> statement-breakpoint
CREATE INDEX "task_by_state" ON "task" USING btree ("state","task");--> statement-breakpoint
CREATE INDEX "task_by_conversation" ON "task" USING btree ("conversation","task");