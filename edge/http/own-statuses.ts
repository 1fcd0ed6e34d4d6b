// /v1/own-statuses and /v1/outcome-statuses: the merchant's own words for where an invoice stands, and which of them each
// outcome leads to. Keys of a shop read them; they are the company's, so only its members change them.

import { STATUS_TONES } from "../../db/schema/own-statuses.ts";
import {
  type Choice,
  changeStatus,
  createStatus,
  listStatuses,
  type Mapping,
  type OwnStatus,
  readMapping,
  type StatusRefusal,
  saveMapping,
} from "../merchants/own-statuses.ts";
import type { Principal } from "../merchants/permissions.ts";
import { OUTCOMES } from "../payments/states.ts";
import { Problem } from "./problem.ts";
import {
  answer,
  createRoute,
  creates,
  IdempotencyHeader,
  idFor,
  isRepeat,
  makeRouter,
  needs,
  problems,
  takes,
  z,
} from "./setting.ts";

const moment = z.iso.datetime();
const name = z.string().trim().min(1, "required").max(60);
const tone = z.enum(STATUS_TONES);

export const OwnStatusSchema = z
  .object({ id: z.string(), name: z.string(), tone, created_at: moment, archived_at: moment.nullable() })
  .openapi("OwnStatus");

export const OutcomeStatusesSchema = z
  .object({
    is_asked: z.boolean().openapi({ description: "Whether it was ever settled, or put off." }),
    data: z.array(z.object({ outcome: z.enum(OUTCOMES), own_status: OwnStatusSchema.nullable() })),
  })
  .openapi("OutcomeStatuses");

const show = (row: OwnStatus): z.infer<typeof OwnStatusSchema> => ({
  id: row.id,
  name: row.name,
  tone: row.tone,
  created_at: row.createdAt.toISOString(),
  archived_at: row.archivedAt?.toISOString() ?? null,
});

const showMapping = ({ isAsked, statuses }: Mapping): z.infer<typeof OutcomeStatusesSchema> => ({
  is_asked: isAsked,
  data: OUTCOMES.map((outcome) => {
    const status = statuses.get(outcome);
    return { outcome, own_status: status ? show(status) : null };
  }),
});

function refused(why: StatusRefusal): Problem {
  if (why === "name_taken") {
    return new Problem("invalid_request", undefined, [{ field: "name", code: "name_taken", message: "name_taken" }]);
  }
  return new Problem(why);
}

function membersOnly(principal: Principal): void {
  if (principal.pointOfSaleId) throw new Problem("forbidden", "Only a member may change the company's statuses.");
}

export const ownStatusRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/own-statuses",
      summary: "The merchant's own statuses of invoices, oldest first",
      tags: ["Statuses"],
      ...needs("invoices:read"),
      responses: { 200: answer(z.object({ data: z.array(OwnStatusSchema) }), "Archived ones too."), ...problems },
    }),
    async (c) => {
      const rows = await listStatuses(c.get("house"), c.get("principal").merchantId);
      return c.json({ data: rows.map(show) }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/own-statuses",
      summary: "Make a status",
      description: "The name is unique among those that are not archived.",
      tags: ["Statuses"],
      ...creates("settings:write"),
      request: {
        headers: IdempotencyHeader,
        body: takes(z.strictObject({ name, tone: tone.default("plain") }).openapi("NewOwnStatus")),
      },
      responses: { 201: answer(OwnStatusSchema, "Made."), ...problems },
    }),
    async (c) => {
      const [house, principal] = [c.get("house"), c.get("principal")];
      membersOnly(principal);
      const id = idFor(c, "ownStatus");
      const made = isRepeat(c)
        ? (await listStatuses(house, principal.merchantId)).find((status) => status.id === id)
        : undefined;
      if (made) return c.json(show(made), 201);
      const result = await createStatus(house, principal, id, c.req.valid("json"));
      if (!result.ok) throw refused(result.error);
      return c.json(show(result.value), 201);
    },
  )
  .openapi(
    createRoute({
      method: "patch",
      path: "/own-statuses/{id}",
      summary: "Rename, recolour, archive or bring back a status",
      description: "One that an outcome leads to cannot be archived.",
      tags: ["Statuses"],
      ...needs("settings:write"),
      request: {
        params: z.object({ id: z.string().max(40) }),
        body: takes(z.strictObject({ name, tone, is_archived: z.boolean() }).partial().openapi("OwnStatusPatch")),
      },
      responses: { 200: answer(OwnStatusSchema, "Changed."), ...problems },
    }),
    async (c) => {
      const principal = c.get("principal");
      // For a key of a shop it is not there to be changed, whoever's it is.
      if (principal.pointOfSaleId) throw new Problem("not_found");
      const { name: newName, tone: newTone, is_archived } = c.req.valid("json");
      const result = await changeStatus(c.get("house"), principal, c.req.valid("param").id, {
        ...(newName === undefined ? {} : { name: newName }),
        ...(newTone === undefined ? {} : { tone: newTone }),
        ...(is_archived === undefined ? {} : { isArchived: is_archived }),
      });
      if (!result.ok) throw refused(result.error);
      return c.json(show(result.value), 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/outcome-statuses",
      summary: "Which status each outcome leads to",
      description: "One mapping for all connections.",
      tags: ["Statuses"],
      ...needs("invoices:read"),
      responses: { 200: answer(OutcomeStatusesSchema, "Every outcome."), ...problems },
    }),
    async (c) => c.json(showMapping(await readMapping(c.get("house"), c.get("principal").merchantId)), 200),
  )
  .openapi(
    createRoute({
      method: "put",
      path: "/outcome-statuses",
      summary: "Choose a status for outcomes",
      description:
        "All of it is saved, or nothing. An outcome that is not named stays as it is; null leaves statuses alone.",
      tags: ["Statuses"],
      ...needs("settings:write"),
      request: {
        body: takes(
          z
            .strictObject({
              data: z
                .array(
                  z.strictObject({
                    outcome: z.enum(OUTCOMES),
                    own_status_id: z.string().max(40).nullish(),
                    make: z
                      .strictObject({ name, tone: tone.default("plain") })
                      .optional()
                      .openapi({ description: "A status of this name is taken where there is one, else made." }),
                  }),
                )
                .max(OUTCOMES.length),
            })
            .openapi("OutcomeStatusesChoice"),
        ),
      },
      responses: { 200: answer(OutcomeStatusesSchema, "Saved."), ...problems },
    }),
    async (c) => {
      const principal = c.get("principal");
      membersOnly(principal);
      const choices = c.req.valid("json").data.map(
        ({ outcome, own_status_id, make }): Choice => ({
          outcome,
          ...(own_status_id === undefined ? {} : { ownStatusId: own_status_id }),
          ...(make ? { make } : {}),
        }),
      );
      const result = await saveMapping(c.get("house"), principal, choices);
      if (!result.ok) {
        throw new Problem(
          "invalid_request",
          undefined,
          result.error.map(({ outcome, code }) => ({ field: outcome, code, message: code })),
        );
      }
      return c.json(showMapping(result.value), 200);
    },
  );
