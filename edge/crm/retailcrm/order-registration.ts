// Ordering a registration anew, by whoever changes a point of sale's connections.

import { and, eq, isNull } from "drizzle-orm";
import { crmInstallations, outbox } from "../../../db/schema/index.ts";
import type { Context } from "../../context.ts";

/** Has the CRMs of a point of sale told of its shops. */
export async function orderRegistration(
  context: Context,
  of: { merchantId: string; pointOfSaleId: string },
): Promise<void> {
  const rows = await context.db
    .select({ id: crmInstallations.id })
    .from(crmInstallations)
    .where(
      and(
        eq(crmInstallations.merchantId, of.merchantId),
        eq(crmInstallations.pointOfSaleId, of.pointOfSaleId),
        isNull(crmInstallations.archivedAt),
      ),
    );
  if (rows.length === 0) return;
  await context.db.insert(outbox).values(
    rows.map(({ id }) => {
      const orderId = context.newId("outbox");
      return {
        id: orderId,
        merchantId: of.merchantId,
        topic: "crm_registration",
        effectKey: orderId,
        payload: { installationId: id },
        nextAttemptAt: context.now,
        createdAt: context.now,
      };
    }),
  );
  await context.wake({ kind: "due" });
}
