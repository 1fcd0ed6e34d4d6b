CREATE TABLE "help_votes" (
	"id" text PRIMARY KEY NOT NULL,
	"article" text NOT NULL,
	"visitor" text NOT NULL,
	"is_helpful" boolean NOT NULL,
	"voted_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "help_votes_once" ON "help_votes" USING btree ("article","visitor");