// The mail to whoever saved a connection that needs a person's consent: one link, which is made when the mail is.

import { and, eq, isNull } from "drizzle-orm";
import { createTranslator } from "use-intl/core";
import { authorizationRequests, connections, merchants, pointsOfSale } from "../../db/schema/index.ts";
import { languageOf } from "../../messages/languages.ts";
import type { Context } from "../context.ts";
import { newToken, sha256Hex } from "../ids.ts";
import type { OutboxRow } from "../outbox/deliver.ts";
import { MESSAGES, writeLetter } from "./letter.ts";
import { sendMail } from "./send.ts";

/** Delivers one. Tried again it carries another link, and the one before opens nothing any more. */
export async function sendConsentMail(context: Context, row: OutboxRow): Promise<{ done: boolean; text: string }> {
  const requestId = String(row.payload.requestId);
  const rows = await context.db
    .select({ request: authorizationRequests, connection: connections, merchant: merchants, shop: pointsOfSale })
    .from(authorizationRequests)
    .innerJoin(
      connections,
      and(
        eq(connections.merchantId, authorizationRequests.merchantId),
        eq(connections.id, authorizationRequests.connectionId),
      ),
    )
    .innerJoin(merchants, eq(merchants.id, connections.merchantId))
    .innerJoin(
      pointsOfSale,
      and(eq(pointsOfSale.merchantId, connections.merchantId), eq(pointsOfSale.id, connections.pointOfSaleId)),
    )
    .where(and(eq(authorizationRequests.merchantId, row.merchantId), eq(authorizationRequests.id, requestId)));
  const found = rows[0];
  const isOpen =
    found && !found.request.usedAt && found.request.expiresAt > context.now && !found.connection.archivedAt;
  if (!isOpen) return { done: true, text: "not sent: nothing to confirm any more" };
  const { request, connection, merchant, shop } = found;
  const token = newToken() + newToken();
  await context.db
    .update(authorizationRequests)
    .set({ mailHash: await sha256Hex(token) })
    .where(and(eq(authorizationRequests.id, request.id), isNull(authorizationRequests.usedAt)));
  const locale = languageOf(merchant.locale);
  const t = createTranslator({ locale, messages: MESSAGES[locale], namespace: "consent" });
  const until = new Intl.DateTimeFormat(locale, {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: merchant.timeZone,
  }).format(request.expiresAt);
  const words = { connection: connection.name, shop: shop.name, merchant: merchant.name, until };
  const { text, html } = writeLetter({
    locale,
    title: t("title", words),
    lead: t("lead", words),
    facts: [
      [t("shop"), shop.name],
      [t("until"), until],
    ],
    go: { label: t("go", words), url: `${context.env.WEB_ORIGIN}/oauth/open/${token}`, hint: t("hint") },
    why: t("why", words),
  });
  await sendMail(context, { to: request.sentTo, subject: t("subject", words), text, html });
  return { done: true, text: "sent" };
}
