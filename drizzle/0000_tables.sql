CREATE TABLE "checkpoint" (
	"projector" text PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "delivery" (
	"projector" text NOT NULL,
	"key" text NOT NULL,
	"reference" text NOT NULL,
	CONSTRAINT "delivery_projector_key_pk" PRIMARY KEY("projector","key")
);
--> statement-breakpoint
CREATE TABLE "event" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"task" bigint NOT NULL,
	"version" integer NOT NULL,
	"type" text NOT NULL,
	"payload" text NOT NULL,
	"actor" text NOT NULL,
	"at" text NOT NULL,
	"prev_hash" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "event_task_version" UNIQUE("task","version"),
	CONSTRAINT "event_seq_from_1" CHECK ("event"."seq" >= 1),
	CONSTRAINT "event_task_from_0" CHECK ("event"."task" >= 0),
	CONSTRAINT "event_version_from_1" CHECK ("event"."version" >= 1)
);
--> statement-breakpoint
CREATE TABLE "output" (
	"run" text NOT NULL,
	"step" integer NOT NULL,
	"attempt" integer NOT NULL,
	"seq" integer NOT NULL,
	"text" text NOT NULL,
	"lines" integer NOT NULL,
	"bytes" integer NOT NULL,
	CONSTRAINT "output_run_step_attempt_seq_pk" PRIMARY KEY("run","step","attempt","seq"),
	CONSTRAINT "output_seq_from_1" CHECK ("output"."seq" >= 1)
);
--> statement-breakpoint
CREATE TABLE "secret" (
	"reference" text PRIMARY KEY NOT NULL,
	"task" bigint NOT NULL,
	"sealed" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "task" (
	"task" bigint PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"request" text NOT NULL,
	"conversation" text NOT NULL,
	"requester" text NOT NULL,
	"received_at" text NOT NULL,
	"updated_at" text NOT NULL,
	"cost_micro_usd" bigint NOT NULL,
	"summary" text NOT NULL
);
