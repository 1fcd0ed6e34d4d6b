// The mail that says that an access has ended and payments by it have stopped, to whoever gave it last.

import { and, desc, eq, isNotNull, isNull } from "drizzle-orm";
import { createTranslator } from "use-intl/core";
import { authorizationRequests, connections, members, merchants, user } from "../../db/schema/index.ts";
import { languageOf } from "../../messages/languages.ts";
import type { Context } from "../context.ts";
import type { OutboxRow } from "../outbox/deliver.ts";
import { MESSAGES, writeLetter } from "./letter.ts";
import { sendMail } from "./send.ts";

/** Delivers one, unless the access was given again meanwhile. */
export async function sendAccessLapsed(context: Context, row: OutboxRow): Promise<{ done: boolean; text: string }> {
  const { db, env } = context;
  const connectionId = String(row.payload.connectionId);
  const rows = await db
    .select({ connection: connections, merchant: merchants })
    .from(connections)
    .innerJoin(merchants, eq(merchants.id, connections.merchantId))
    .where(and(eq(connections.merchantId, row.merchantId), eq(connections.id, connectionId)));
  const found = rows[0];
  if (!found || found.connection.archivedAt || found.connection.authorizationState !== "lapsed") {
    return { done: true, text: "not sent: it has not ended" };
  }
  const { connection, merchant } = found;
  const [giver] = await db
    .select({ to: authorizationRequests.sentTo })
    .from(authorizationRequests)
    .where(
      and(
        eq(authorizationRequests.merchantId, row.merchantId),
        eq(authorizationRequests.connectionId, connectionId),
        isNotNull(authorizationRequests.usedAt),
      ),
    )
    .orderBy(desc(authorizationRequests.id))
    .limit(1);
  const to = giver?.to ?? (await firstOwner(context, row.merchantId));
  if (!to) return { done: true, text: "not sent: nobody to tell" };
  const locale = languageOf(merchant.locale);
  const t = createTranslator({ locale, messages: MESSAGES[locale], namespace: "accessLapsed" });
  const words = { connection: connection.name, merchant: merchant.name };
  const { text, html } = writeLetter({
    locale,
    title: t("title", words),
    lead: t("lead", words),
    facts: [],
    go: {
      label: t("go"),
      url: `${env.WEB_ORIGIN}/integrations/${connection.processor}?connection=${connection.id}`,
      hint: t("hint"),
    },
    why: t("why", words),
  });
  await sendMail(context, { to, subject: t("subject", words), text, html });
  return { done: true, text: "sent" };
}

async function firstOwner(context: Context, merchantId: string): Promise<string | null> {
  const rows = await context.db
    .select({ email: user.email })
    .from(members)
    .innerJoin(user, eq(user.id, members.userId))
    .where(and(eq(members.merchantId, merchantId), eq(members.role, "owner"), isNull(members.archivedAt)))
    .orderBy(members.id)
    .limit(1);
  return rows[0]?.email ?? null;
}
