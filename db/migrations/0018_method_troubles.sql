CREATE TABLE "method_troubles" (
	"processor" text NOT NULL,
	"method" text NOT NULL,
	"is_test" boolean NOT NULL,
	"connection_id" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"tries" integer NOT NULL,
	"failures" integer NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "method_troubles_processor_method_is_test_connection_id_pk" PRIMARY KEY("processor","method","is_test","connection_id")
);
--> statement-breakpoint
CREATE INDEX "tries_recent" ON "tries" USING btree ("recorded_at");