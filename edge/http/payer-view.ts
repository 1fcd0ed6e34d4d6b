// What the payer's page shows: the invoice of a link, how its payment stands, the ways to pay it now.

import { and, asc, eq, gt, isNull, or, type SQL, sql } from "drizzle-orm";
import { connections, handOvers, invoices, merchants, pointsOfSale } from "../../db/schema/index.ts";
import { LANGUAGES, languageOf } from "../../messages/languages.ts";
import type { Context } from "../context.ts";
import { sha256Hex } from "../ids.ts";
import type { Connection } from "../merchants/connections.ts";
import { dueMinor, keptMinor } from "../payments/amounts.ts";
import { dateAskedAt } from "../payments/ask-date.ts";
import { holdOf } from "../payments/hold-deadline.ts";
import { adviseOrder, readTroubles, troubleWith } from "../payments/method-troubles.ts";
import { hasHeard } from "../payments/observe.ts";
import { type MethodChoice, offerMethods } from "../payments/offered-methods.ts";
import { LATE_CAUSES, NO_MARKS, NOTE_KINDS, type PaymentNote, paymentNotes } from "../payments/payment-notes.ts";
import { openPayerAction } from "../payments/start-attempt.ts";
import { receiptMaker, refusalOf } from "../payments/start-steps.ts";
import { OPEN_ATTEMPT_STATES, TICKET_STATES } from "../payments/states.ts";
import { type Attempt, readStory, type Story } from "../payments/story.ts";
import { readTruthLine, TRUTH_KINDS } from "../payments/truth-line.ts";
import { variantOf } from "../processors/abilities.ts";
import { DECLINE_REASONS } from "../processors/contract.ts";
import { processorOf } from "../processors/registry.ts";
import { findHandOver } from "./hand-overs.ts";
import { Problem } from "./problem.ts";
import { z } from "./setting.ts";
import { HoldSchema, MoneySchema } from "./shapes.ts";
import { showHold, showLine, showMoney } from "./show.ts";

/** What the page says, one word each. */
export const PAYER_STATES = [
  "payable", // owed, and may be paid
  "scan", // a code is shown that the payer scans or opens in a bank's application
  "checking", // the browser is back, the processor's word is awaited
  "processing", // money is being processed
  "in_review", // the processor looks into it
  "held", // money reserved, not taken
  "released", // what was reserved went back; may be paid again
  "paid",
  "declined", // the last attempt failed; may be tried again
  "cancelled",
  "expired",
  "closed", // the point of sale takes nothing now
  "not_accepted", // card payment is switched off for this invoice
  "no_method", // nothing is connected that could take it
] as const;

/** What the merchant's pages carry of its own: a colour, #rrggbb, and a logo, found by its hash. */
export const Brand = z.object({
  color: z.string().nullable(),
  logo: z.object({ hash: z.string(), width: z.number().int(), height: z.number().int() }).nullable(),
});
export type BrandShape = z.infer<typeof Brand>;
export const brandOf = ({ brandColor, logo }: Found["pointOfSale"]): BrandShape => ({ color: brandColor, logo });

/** Whom the payer pays, as every page of the payer names it. */
export const PayerMerchant = z.object({
  name: z.string(),
  legal_name: z.string(),
  tax_id: z.string(),
  email: z.string(),
  phone: z.string().nullable(),
  time_zone: z.string(),
});
export const showMerchant = (merchant: Found["merchant"]): z.infer<typeof PayerMerchant> => ({
  name: merchant.name,
  legal_name: merchant.legalName,
  tax_id: merchant.taxId,
  email: merchant.email,
  phone: merchant.phone,
  time_zone: merchant.timeZone,
});

/** What a payer may know of an invoice. */
export const PayerView = z.object({
  state: z.enum(PAYER_STATES),
  /** Grows with every change: an open page compares it. */
  version: z.number().int(),
  /** With the public offer (terms), https. */
  merchant: PayerMerchant.extend({ offer_url: z.string().nullable() }),
  point_of_sale: z.object({ name: z.string(), site: z.string() }),
  brand: Brand,
  /** Origins whose pages may show this page in a frame. */
  frame_origins: z.array(z.string()),
  is_test: z.boolean(),
  /** Address of this very page. */
  link: z.string(),
  /** The link is a short-lived one for another device or person: it shows nothing of the payer. */
  hand_over: z.object({ expires_at: z.string() }).nullable(),
  invoice: z.object({
    kind: z.enum(["proforma", "fiscal"]),
    label: z.string(),
    amount: MoneySchema,
    paid: MoneySchema,
    due: MoneySchema,
    issued_on: z.string().nullable(),
    due_on: z.string().nullable(),
    expires_at: z.string().nullable(),
    paid_at: z.string().nullable(),
    note: z.string().nullable(),
    /** Null where the payer's data are not shown. */
    payer_name: z.string().nullable(),
    payer_email: z.string().nullable(),
    payer_phone: z.string().nullable(),
    locale: z.enum(LANGUAGES),
    lines: z.array(
      z.object({
        description: z.string(),
        quantity: z.number(),
        unit: z.string().nullable(),
        unit_price_minor: z.number().int(),
        vat_percent: z.number(),
        amount_minor: z.number().int(),
      }),
    ),
  }),
  /** The merchant's information for the client; plain text with its lines. */
  payer_note: z.string().nullable(),
  methods: z.array(
    z.object({
      connection_id: z.string(),
      processor: z.string(),
      processor_name: z.string(),
      method: z.string(),
      /** The processor mails a fiscal receipt, and cannot without an address. */
      needs_email: z.boolean(),
      /** It fails for many people just now, and stands last for that. */
      is_troubled: z.boolean(),
    }),
  ),
  /** What is scanned, byte for byte, and until when it can be paid. */
  code: z.object({ payload: z.string(), expires_at: z.string(), is_opened: z.boolean() }).nullable(),
  /** What is known of the money, step by step, each with its time and proof. */
  truth: z.array(
    z.object({
      kind: z.enum(TRUTH_KINDS),
      at: z.string(),
      processor_name: z.string().optional(),
      status: z.number().int().optional(),
      label: z.string().optional(),
      /** A page that shows it: a fiscal receipt at its service. */
      url: z.string().optional(),
      amount: MoneySchema.optional(),
    }),
  ),
  /** What is out of the ordinary about the money, the weightiest first; see payment-notes.ts. */
  notes: z.array(
    z.object({
      kind: z.enum(NOTE_KINDS),
      amount: MoneySchema,
      asked: MoneySchema.nullable(),
      processor_name: z.string(),
      at: z.string(),
      cause: z.enum(LATE_CAUSES).nullable(),
      refund: z.object({ id: z.string().nullable(), is_done: z.boolean() }).nullable(),
    }),
  ),
  /** Expired: when the payer asked for a new date, if they did. */
  date_asked_at: z.string().nullable(),
  /** Refunds that have a page of their own. */
  refunds: z.array(z.object({ id: z.string(), amount: MoneySchema, is_done: z.boolean() })),
  attempt: z
    .object({
      id: z.string(),
      /** With the method: what a form posts to open the attempt again. */
      connection_id: z.string(),
      method: z.string(),
      processor: z.string(),
      processor_name: z.string(),
      state: z.string(),
      reason: z.enum(DECLINE_REASONS).nullable(),
      instrument: z.string().nullable(),
      can_resume: z.boolean(),
      /** When held money comes back by itself; null where nobody can say. */
      hold: HoldSchema.nullable(),
      /** It is a code that the payer scans, and its time is over. */
      is_lapsed_code: z.boolean(),
    })
    .nullable(),
});
export type PayerViewShape = z.infer<typeof PayerView>;

/** How long after the return the page keeps saying that it checks, before it offers to try again. */
const CHECKING_MS = 3 * 60_000;

export type Found = {
  /** By which it was found: the invoice's own, or that of a hand-over. */
  token: string;
  handOver: typeof handOvers.$inferSelect | null;
  story: Story;
  merchant: typeof merchants.$inferSelect;
  pointOfSale: typeof pointsOfSale.$inferSelect;
};

/** The invoice of a link or of a hand-over, or 404; 410 where the hand-over's time is over. */
export async function findByToken(context: Context, token: string): Promise<Found> {
  const select = (which: SQL | undefined) =>
    context.db
      .select({ id: invoices.id, merchant: merchants, pointOfSale: pointsOfSale })
      .from(invoices)
      .innerJoin(merchants, eq(merchants.id, invoices.merchantId))
      .innerJoin(pointsOfSale, eq(pointsOfSale.id, invoices.pointOfSaleId))
      .where(which);
  let [row] = await select(eq(invoices.linkToken, token));
  const handOver = row ? null : ((await findHandOver(context, token)) ?? null);
  if (handOver) {
    if (handOver.expiresAt <= context.now) throw new Problem("hand_over_expired");
    [row] = await select(and(eq(invoices.merchantId, handOver.merchantId), eq(invoices.id, handOver.invoiceId)));
  }
  const story = row ? await readStory(context.db, row.merchant.id, row.id) : null;
  if (!row || !story || story.invoice.state === "draft") throw new Problem("not_found");
  return { token, handOver, story, merchant: row.merchant, pointOfSale: row.pointOfSale };
}

/** The version of a link's or a hand-over's invoice, by one statement on two unique indexes; 404 where there is none. */
export async function versionByToken({ db, now }: Context, token: string): Promise<number> {
  const handedOver = db
    .select({ id: handOvers.invoiceId })
    .from(handOvers)
    .where(and(eq(handOvers.tokenHash, await sha256Hex(token)), gt(handOvers.expiresAt, now)));
  const [row] = await db
    .select({ version: invoices.version })
    .from(invoices)
    .where(or(eq(invoices.linkToken, token), eq(invoices.id, sql`(${handedOver})`)));
  if (!row) throw new Problem("not_found");
  return row.version;
}

export type Offered = MethodChoice<Connection> & { isTroubled: boolean };

/** The ways to pay that this link offers: as the merchant ordered them, but what fails just now comes last. */
export async function offeredMethods(context: Context, { story, pointOfSale }: Found): Promise<Offered[]> {
  const { invoice } = story;
  const rows = await context.db
    .select()
    .from(connections)
    .where(
      and(
        eq(connections.merchantId, invoice.merchantId),
        eq(connections.pointOfSaleId, invoice.pointOfSaleId),
        eq(connections.environment, invoice.isTest ? "test" : "live"),
        isNull(connections.archivedAt),
      ),
    )
    .orderBy(asc(connections.id));
  const { currency, isTest, methods, onlyConnectionId } = invoice;
  const wanted = { currency, isTest, methods, onlyConnectionId, order: pointOfSale.methodOrder };
  const choices = offerMethods(rows, wanted);
  const troubles = await readTroubles(context, rows, isTest);
  const last = story.attempts.at(-1);
  return adviseOrder(choices, troubles, last?.state === "declined" ? last : undefined).map((choice) => ({
    ...choice,
    isTroubled: troubleWith(troubles, choice) !== undefined,
  }));
}

/** The code of an attempt that waits to be scanned, if it is that kind of attempt and its time is not over. */
async function openCode(context: Context, attempt: Attempt | undefined): Promise<PayerViewShape["code"]> {
  if (attempt?.state !== "awaiting_payer" || attempt.expiresAt <= context.now || !attempt.payerAction) return null;
  const action = await openPayerAction(context, attempt);
  if (action.kind !== "show_qr") return null;
  return {
    payload: action.payload,
    expires_at: attempt.expiresAt.toISOString(),
    is_opened: attempt.returnedAt !== null,
  };
}

function stateOf(
  context: Context,
  story: Story,
  last: Attempt | undefined,
  { hasMethod, hasCode, notes }: { hasMethod: boolean; hasCode: boolean; notes: PaymentNote[] },
): PayerViewShape["state"] {
  const { invoice } = story;
  if (invoice.state === "paid") return "paid";
  if (story.attempts.some((a) => a.state === "in_review")) return "in_review";
  // Money moved at the processor, though not what was asked: until a person has looked, a second payment helps nobody.
  if (invoice.state === "open" && notes.some((note) => note.kind === "other_currency")) return "in_review";
  if (story.attempts.some((a) => a.state === "processing")) return "processing";
  if (invoice.state === "authorized") return "held";
  const refusal = refusalOf(story, context.now);
  if (refusal === "invoice_cancelled") return "cancelled";
  if (refusal === null && hasMethod && hasCode) return "scan";
  const isBack =
    last?.returnedAt &&
    OPEN_ATTEMPT_STATES.includes(last.state) &&
    context.now.getTime() - last.returnedAt.getTime() < CHECKING_MS;
  if (isBack) return "checking";
  if (refusal === "invoice_expired") return "expired";
  if (refusal === "card_not_accepted") return "not_accepted";
  if (refusal === "point_of_sale_closed") return "closed";
  if (last?.state === "voided" && last.authorizedMinor > 0n) return "released";
  if (!hasMethod) return "no_method";
  return last?.state === "declined" ? "declined" : "payable";
}

const OPEN_OR_EXPIRED = new Set<string>(["awaiting_payer", "expired"]);

function isByCode(story: Story, attempt: Attempt): boolean {
  const variant = story.connections.find((one) => one.id === attempt.connectionId)?.variant ?? "";
  const method = variantOf(attempt.processor, variant)?.methods.find((one) => one.id === attempt.method);
  return method?.action === "show_qr";
}

const nameOf = (processor: string) => processorOf(processor)?.descriptor.name ?? processor;

/** Whether anything was heard of money, a capture that counted for nothing included. */
const hasMoney = ({ payments, attempts, seen }: Story) =>
  payments.length > 0 || attempts.some((one) => one.authorizedMinor > 0n) || hasHeard(seen, "captured");

/** Everything the page shows of it now. */
export async function view(context: Context, found: Found): Promise<PayerViewShape> {
  const { story, merchant, pointOfSale, token, handOver } = found;
  const { invoice } = story;
  const offered = await offeredMethods(context, found);
  const methods = offered.map(({ connection, method, isTroubled }) => ({
    connection_id: connection.id,
    processor: connection.processor,
    processor_name: nameOf(connection.processor),
    method,
    needs_email: receiptMaker(story, connection) !== null,
    is_troubled: isTroubled,
  }));
  const last = story.attempts.at(-1);
  const code = await openCode(context, last);
  const isShown = (a: Attempt) =>
    (invoice.state === "paid" && a.capturedMinor > 0n) || (invoice.state === "authorized" && a.state === "authorized");
  const shown = story.attempts.find(isShown) ?? last;
  const money = (minor: bigint) => showMoney(minor, invoice.currency);
  const { steps: truth, marks } = hasMoney(story)
    ? await readTruthLine(context.db, invoice.merchantId, invoice.id)
    : { steps: [], marks: NO_MARKS };
  const notes = paymentNotes(story, marks);
  const state = stateOf(context, story, last, { hasMethod: methods.length > 0, hasCode: code !== null, notes });
  const dateAsked = state === "expired" ? await dateAskedAt(context, invoice) : null;
  return {
    state,
    version: invoice.version,
    merchant: { ...showMerchant(merchant), offer_url: merchant.offerUrl },
    point_of_sale: { name: pointOfSale.name, site: pointOfSale.site },
    brand: brandOf(pointOfSale),
    frame_origins: pointOfSale.frameOrigins,
    is_test: invoice.isTest,
    link: `${context.env.WEB_ORIGIN}/i/${token}`,
    hand_over: handOver && { expires_at: handOver.expiresAt.toISOString() },
    invoice: {
      kind: invoice.kind,
      label: invoice.label ?? "",
      amount: money(invoice.amountMinor),
      paid: money(keptMinor(story)),
      due: money(dueMinor(story)),
      issued_on: invoice.issuedOn,
      due_on: invoice.dueOn,
      expires_at: invoice.expiresAt?.toISOString() ?? null,
      paid_at: invoice.paidAt?.toISOString() ?? null,
      note: invoice.note,
      payer_name: handOver ? null : invoice.payerName,
      payer_email: handOver ? null : invoice.payerEmail,
      payer_phone: handOver ? null : invoice.payerPhone,
      locale: languageOf(invoice.locale),
      lines: story.lines.map(showLine),
    },
    payer_note: offered.find(({ connection }) => connection.payerNote)?.connection.payerNote ?? null,
    methods,
    code,
    truth: truth.map((step) => ({
      kind: step.kind,
      at: step.at.toISOString(),
      ...(step.proof.processor ? { processor_name: nameOf(step.proof.processor) } : {}),
      ...(step.proof.status ? { status: step.proof.status } : {}),
      ...(step.proof.label ? { label: step.proof.label } : {}),
      ...(step.proof.url ? { url: step.proof.url } : {}),
      ...(step.amountMinor ? { amount: money(BigInt(step.amountMinor)) } : {}),
    })),
    notes: notes.map((note) => ({
      kind: note.kind,
      amount: showMoney(note.amount.minor, note.amount.currency),
      asked: note.asked && showMoney(note.asked.minor, note.asked.currency),
      processor_name: note.processor ? nameOf(note.processor) : "",
      at: note.at.toISOString(),
      cause: note.cause,
      refund: note.refund && { id: note.refund.id, is_done: note.refund.isDone },
    })),
    date_asked_at: dateAsked?.toISOString() ?? null,
    refunds: story.refunds
      .filter((refund) => TICKET_STATES.includes(refund.state))
      .map((refund) => ({
        id: refund.id,
        amount: showMoney(refund.amountMinor, refund.currency),
        is_done: refund.state === "succeeded",
      })),
    attempt: shown
      ? {
          id: shown.id,
          connection_id: shown.connectionId,
          method: shown.method,
          processor: shown.processor,
          processor_name: nameOf(shown.processor),
          state: shown.state,
          reason: shown.declineReason,
          instrument: handOver ? null : shown.instrument,
          can_resume: shown.state === "awaiting_payer" && shown.expiresAt > context.now,
          hold: showHold(holdOf(shown)),
          is_lapsed_code: isByCode(story, shown) && OPEN_OR_EXPIRED.has(shown.state) && shown.expiresAt <= context.now,
        }
      : null,
  };
}
