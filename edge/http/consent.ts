// Consent at a processor, reached through the web Worker's door only: the link of a mail, and the browser's return. Not
// part of the API: the link's token, and the state that comes back, are the only rights here.

import { and, eq, isNull } from "drizzle-orm";
import { members } from "../../db/schema/index.ts";
import { finishConsent, followLink, readLink } from "../merchants/authorization.ts";
import { signedInUser } from "../merchants/sign-in.ts";
import { processorOf } from "../processors/registry.ts";
import { answer, createRoute, makeRouter, takes, z } from "./setting.ts";

const Token = z.object({ token: z.string().regex(/^[A-Za-z0-9_-]{16,128}$/) });
const fault = z.enum(["used", "expired", "unknown", "processor_fault"]);

export const consentRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/consent/links/{token}",
      request: { params: Token },
      responses: {
        200: answer(
          z.discriminatedUnion("state", [
            z.object({
              state: z.literal("open"),
              merchant: z.string(),
              connection: z.string(),
              processor: z.string(),
              permissions: z.array(z.string()),
              until: z.iso.datetime(),
              time_zone: z.string(),
            }),
            z.object({ state: fault }),
          ]),
          "What the link is about; reading does not use it.",
        ),
      },
    }),
    async (c) => {
      const link = await readLink(c.get("house"), c.req.valid("param").token);
      if (link.state !== "open") return c.json({ state: link.state }, 200);
      const { connection, merchantName, request, timeZone } = link;
      return c.json(
        {
          state: link.state,
          merchant: merchantName,
          connection: connection.name,
          processor: connection.processor,
          permissions: (processorOf(connection.processor)?.authorization?.permissions ?? []).map(({ id }) => id),
          until: request.expiresAt.toISOString(),
          time_zone: timeZone,
        },
        200,
      );
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/consent/links/{token}/follow",
      request: { params: Token },
      responses: {
        200: answer(z.object({ url: z.string() }), "Where to lead the person."),
        409: answer(z.object({ state: fault }), "The link leads nowhere."),
      },
    }),
    async (c) => {
      const followed = await followLink(c.get("house"), c.req.valid("param").token);
      return followed.ok ? c.json({ url: followed.url }, 200) : c.json({ state: followed.why }, 409);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/consent/return",
      request: {
        body: takes(
          z.strictObject({
            state: z.string().max(200),
            code: z.string().min(1).max(4000).optional(),
          }),
        ),
      },
      responses: {
        200: answer(
          z.object({
            outcome: z.enum(["granted", "incomplete", "refused", "failed", "unknown_state", "other_merchant"]),
            connection_id: z.string().nullable(),
            processor: z.string().nullable(),
            is_signed_in: z.boolean(),
          }),
          "What the person's consent came to.",
        ),
      },
    }),
    async (c) => {
      const house = c.get("house");
      const { state, code } = c.req.valid("json");
      const user = await signedInUser(house, c.req.raw.headers);
      const of = user
        ? await house.db
            .select({ merchantId: members.merchantId })
            .from(members)
            .where(and(eq(members.userId, user.id), isNull(members.archivedAt)))
        : null;
      const returned = await finishConsent(house, {
        state,
        ...(code === undefined ? {} : { code }),
        members: of?.map(({ merchantId }) => merchantId) ?? null,
      });
      return c.json(
        {
          outcome: returned.outcome,
          connection_id: returned.connection?.id ?? null,
          processor: returned.connection?.processor ?? null,
          is_signed_in: user !== null,
        },
        200,
      );
    },
  );
