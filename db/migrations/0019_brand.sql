CREATE TABLE "logos" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"point_of_sale_id" text NOT NULL,
	"hash" text NOT NULL,
	"type" text NOT NULL,
	"data" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "logos_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "logos_type" CHECK (type in ('image/png', 'image/jpeg', 'image/webp'))
);
--> statement-breakpoint
ALTER TABLE "points_of_sale" ADD COLUMN "brand_color" text;--> statement-breakpoint
ALTER TABLE "points_of_sale" ADD COLUMN "logo" jsonb;--> statement-breakpoint
ALTER TABLE "logos" ADD CONSTRAINT "logos_merchant_id_point_of_sale_id_points_of_sale_merchant_id_id_fk" FOREIGN KEY ("merchant_id","point_of_sale_id") REFERENCES "public"."points_of_sale"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "logos_once" ON "logos" USING btree ("merchant_id","point_of_sale_id");--> statement-breakpoint
CREATE INDEX "logos_by_hash" ON "logos" USING btree ("hash");--> statement-breakpoint
ALTER TABLE "points_of_sale" ADD CONSTRAINT "points_of_sale_brand_color" CHECK (brand_color ~ '^#[0-9a-f]{6}$');