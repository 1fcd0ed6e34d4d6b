// Shapes of the API: what goes in and out, from which the OpenAPI description and the typed client are made.

import { z } from "@hono/zod-openapi";
import { ATTENTION_KINDS, HOLD_POLICIES, IPN_STATES, IPN_VERDICTS, STATUS_TONES } from "../../db/schema/index.ts";
import { LANGUAGES } from "../../messages/languages.ts";
import { isCurrency } from "../money.ts";
import { lineAmountMinor } from "../payments/invoice-lines.ts";
import {
  ATTEMPT_STATES,
  HOLD_COMMAND_STATES,
  HOLD_VERBS,
  INVOICE_STATES,
  OUTCOMES,
  REFUND_STATES,
} from "../payments/states.ts";
import { BANK_REFERENCE_KINDS, DECLINE_REASONS, OBSERVATION_KINDS } from "../processors/contract.ts";
import { toEmail, toPhone } from "./contact.ts";

const moment = z.iso.datetime().openapi({ example: "2026-11-21T14:15:00.000Z" });

export const Currency = z
  .string()
  .length(3)
  .refine(isCurrency, "unknown_currency")
  .openapi({ example: "RON", description: "ISO 4217" });

export const MoneySchema = z
  .object({
    minor: z.number().int().openapi({ description: "Minor units: 24990 RON is 249.90 lei.", example: 24990 }),
    currency: z.string().openapi({ example: "RON" }),
  })
  .openapi("Money");

const email = z
  .string()
  .trim()
  .max(254)
  .transform((text, context) => {
    if (text === "") return null;
    const clean = toEmail(text);
    if (!clean) context.addIssue({ code: "custom", message: "bad_email" });
    return clean;
  })
  .openapi({ type: ["string", "null"], format: "email" });

const phone = z
  .string()
  .trim()
  .max(32)
  .transform((text, context) => {
    if (text === "") return null;
    const clean = toPhone(text);
    if (!clean) context.addIssue({ code: "custom", message: "bad_phone" });
    return clean;
  })
  .openapi({
    type: ["string", "null"],
    description: "Any usual way of writing; kept as E.164. Without a country code: Romania.",
  });

/** Contact of a payer as anybody may type it. */
export const Contact = z.object({ email: email.nullish(), phone: phone.nullish() });

export const Line = z
  .strictObject({
    description: z.string().trim().min(1, "required").max(200),
    quantity: z.number().positive().max(1_000_000).multipleOf(0.001).default(1),
    unit: z.string().trim().max(16).nullish(),
    unit_price_minor: z.number().int().min(0).max(99_999_999_999),
    vat_percent: z
      .number()
      .min(0)
      .max(100)
      .multipleOf(0.01)
      .default(0)
      .openapi({ description: "Included in the price." }),
  })
  .openapi("InvoiceLine");

const locale = z.enum(LANGUAGES).openapi({ description: "Language of the payer's page and mails, ISO 639-1." });

/** Largest sum of an invoice, in minor units: what every processor's form and a JSON number hold exactly. */
const LARGEST_SUM = 99_999_999_999n;

const lines = z
  .array(Line)
  .min(1, "required")
  .max(100)
  .superRefine((all, context) => {
    let sum = 0n;
    for (const line of all) {
      if (!Number.isSafeInteger(line.unit_price_minor)) return;
      sum += lineAmountMinor(Math.round(line.quantity * 1000), BigInt(line.unit_price_minor));
    }
    if (sum <= 0n) context.addIssue({ code: "custom", message: "sum_not_positive" });
    if (sum > LARGEST_SUM) context.addIssue({ code: "custom", message: "sum_too_large" });
  });

const inRange = (text: string) => /^20\d\d-/.test(text);
/** A calendar day, and a moment, of this century: what people mean and every column holds. */
const day = z.iso.date().refine(inRange, "out_of_range");
export const Instant = z.iso.datetime({ offset: true }).refine(inRange, "out_of_range");

const invoiceFields = {
  payer_name: z.string().trim().min(1, "required").max(140),
  payer_email: email.nullish(),
  payer_phone: phone.nullish(),
  payer_address: z.string().trim().max(300).nullish(),
  payer_tax_id: z.string().trim().max(32).nullish(),
  currency: Currency,
  lines,
  beneficiary_name: z
    .string()
    .trim()
    .max(140)
    .nullish()
    .openapi({ description: "For whom it is, when not for the payer: a pupil, a patient." }),
  accepts_card: z.boolean().openapi({ description: "Left out: as the point of sale has it switched." }),
  methods: z
    .array(z.string().regex(/^[a-z][a-z0-9_]{0,19}$/))
    .min(1)
    .max(20)
    .nullish()
    .openapi({ description: "Methods offered on this link, in this order; null for all of the point of sale." }),
  due_on: day.nullish(),
  expires_at: Instant.nullish().openapi({
    description: "After it no payment is taken; extend it to revive the link.",
  }),
  locale,
  note: z.string().trim().max(1000).nullish(),
};

export const NewInvoice = z
  .strictObject({
    ...invoiceFields,
    kind: z.enum(["proforma", "fiscal"]),
    point_of_sale_id: z.string().max(40).optional(),
    accepts_card: invoiceFields.accepts_card.optional(),
    locale: locale.default("ro"),
    is_draft: z.boolean().default(false),
    is_test: z
      .boolean()
      .optional()
      .openapi({ description: "Marked test: other series, no reports. Always so at a point of sale in test mode." }),
  })
  .openapi("NewInvoice");

export const InvoicePatch = z.strictObject(invoiceFields).partial().openapi("InvoicePatch");

export const HoldSchema = z
  .object({
    until: moment,
    is_estimated: z.boolean().openapi({ description: "Reckoned from the processor's usual time: it told none." }),
  })
  .openapi("Hold");

export const InvoiceSchema = z
  .object({
    id: z.string(),
    point_of_sale_id: z.string(),
    kind: z.enum(["proforma", "fiscal"]),
    label: z.string().nullable(),
    state: z.enum(INVOICE_STATES),
    own_status: z
      .object({
        id: z.string(),
        name: z.string(),
        tone: z.enum(STATUS_TONES),
      })
      .nullable()
      .openapi({ description: "The merchant's own status; see /v1/outcome-statuses." }),
    outcome: z
      .object({
        name: z.enum(OUTCOMES),
        reason: z.string().nullable().openapi({ description: "Why, where something went wrong." }),
        by: z.string().openapi({ description: "Who caused it, as in events." }),
        at: moment,
      })
      .nullable()
      .openapi({ description: "What became of it; null while nothing did." }),
    is_test: z.boolean(),
    is_expired: z.boolean(),
    amount: MoneySchema,
    paid: MoneySchema,
    due: MoneySchema,
    accepts_card: z.boolean(),
    payer_name: z.string(),
    payer_email: z.string().nullable(),
    payer_phone: z.string().nullable(),
    payer_address: z.string().nullable(),
    payer_tax_id: z.string().nullable(),
    beneficiary_name: z.string().nullable(),
    methods: z.array(z.string()).nullable(),
    locale,
    note: z.string().nullable(),
    issued_on: z.string().nullable(),
    due_on: z.string().nullable(),
    expires_at: moment.nullable(),
    paid_at: moment.nullable(),
    cancelled_at: moment.nullable(),
    created_at: moment,
    /** Only while card payment is accepted. */
    link: z.string().nullable(),
    proforma_id: z.string().nullable(),
    fiscal_invoice: z.object({ id: z.string(), label: z.string().nullable() }).nullable(),
    collection: z.enum(["none", "recorded"]).openapi({ description: "Whether its money is booked." }),
    attempts: z.number().int().openapi({ description: "How many attempts there were." }),
    held: z
      .object({
        attempt_id: z.string(),
        amount: MoneySchema,
        held_at: moment,
        held_for_seconds: z.number().int(),
        hold: HoldSchema.nullable(),
      })
      .nullable()
      .openapi({ description: "Money that is held for it now." }),
  })
  .openapi("Invoice");

export const InvoiceWithLines = InvoiceSchema.extend({
  lines: z.array(Line.extend({ unit: z.string().nullable(), amount_minor: z.number().int() })),
}).openapi("InvoiceWithLines");

export const TrySchema = z.object({
  id: z.string(),
  outcome: z.enum(["accepted", "declined"]),
  reason: z.enum(DECLINE_REASONS).nullable(),
  processor_code: z.string().nullable(),
  processor_text: z.string().nullable(),
  instrument: z.string().nullable(),
  at: moment,
});

export const HoldPlanSchema = z
  .object({
    does: z.enum(HOLD_POLICIES),
    at: moment.openapi({ description: "When it is done unless a person decides before." }),
  })
  .openapi("HoldPlan");

export const HoldCommandSchema = z
  .object({
    verb: z.enum(HOLD_VERBS),
    state: z.enum(HOLD_COMMAND_STATES).openapi({
      description: "`begun` and `unknown`: its end is awaited and nothing else can be asked of the hold.",
    }),
    amount: MoneySchema,
    by: z.string(),
    at: moment,
    code: z
      .string()
      .nullable()
      .openapi({
        description:
          "Why it was not done: `not_done` (we asked, and the hold stands), `not_reached` (the processor never heard of it), " +
          "`overtaken` (the hold ended before), or the processor's own code.",
      }),
    text: z.string().nullable().openapi({ description: "The same in the processor's words, where it has any." }),
  })
  .openapi("HoldCommand");

export const HeldSchema = z
  .object({
    attempt_id: z.string(),
    invoice_id: z.string(),
    connection_id: z.string(),
    invoice_label: z.string().nullable(),
    payer_name: z.string(),
    processor: z.string(),
    amount: MoneySchema,
    held_at: moment,
    hold: HoldSchema.nullable(),
    plan: HoldPlanSchema.nullable(),
    command: HoldCommandSchema.nullable(),
    can_capture: z.boolean(),
    can_capture_part: z.boolean(),
    can_void: z.boolean(),
    can_look: z.boolean(),
    is_test: z.boolean(),
  })
  .openapi("Held");

export const AttemptSchema = z
  .object({
    id: z.string(),
    invoice_id: z.string(),
    connection_id: z.string(),
    processor: z.string(),
    method: z.string(),
    state: z.enum(ATTEMPT_STATES),
    amount: MoneySchema,
    authorized: MoneySchema.openapi({ description: "What was held, also after it was taken or let go." }),
    captured: MoneySchema,
    settled: MoneySchema.nullable(),
    reason: z.enum(DECLINE_REASONS).nullable(),
    processor_code: z.string().nullable(),
    processor_text: z.string().nullable(),
    processor_reference: z.string().nullable(),
    instrument: z.string().nullable(),
    is_test: z.boolean(),
    created_at: moment,
    updated_at: moment,
    expires_at: moment,
    next_look_at: moment.nullable(),
    tries: z.array(TrySchema),
    can_refund: z.boolean(),
    refundable: MoneySchema,
    can_capture: z.boolean(),
    can_capture_part: z.boolean(),
    can_void: z.boolean(),
    held_at: moment.nullable(),
    command: HoldCommandSchema.nullable().openapi({ description: "What was asked of its hold last." }),
    plan: HoldPlanSchema.nullable().openapi({ description: "What happens with held money that nobody decides on." }),
    can_look: z.boolean().openapi({ description: "Whether the processor can be asked about it." }),
    hold: HoldSchema.nullable().openapi({
      description: "When held money goes back by itself; null when nothing is held or nobody can say.",
    }),
  })
  .openapi("Attempt");

export const PaymentSchema = z
  .object({
    id: z.string(),
    invoice_id: z.string().nullable(),
    invoice_label: z.string().nullable(),
    payer_name: z.string().nullable(),
    attempt_id: z.string().nullable(),
    source: z.enum(["attempt", "refund", "manual"]),
    processor: z.string().nullable(),
    method: z.string().nullable(),
    amount: MoneySchema,
    is_kept: z.boolean(),
    is_test: z.boolean(),
    reference: z.string().nullable(),
    occurred_at: moment,
    collection: z
      .object({ id: z.string(), invoice_id: z.string(), booked_by: z.string(), booked_at: moment })
      .nullable(),
  })
  .openapi("Payment");

export const RefundSchema = z
  .object({
    id: z.string(),
    invoice_id: z.string(),
    attempt_id: z.string(),
    state: z.enum(REFUND_STATES),
    amount: MoneySchema,
    reason: z.string().nullable(),
    origin: z.enum(["requested", "paid_twice", "notification", "query", "manual"]).openapi({
      description: "How it came: asked for here, found at the processor by a notification or a query, entered by hand.",
    }),
    requested_by: z.string(),
    decision: z
      .object({ by: z.string(), at: moment, note: z.string().nullable() })
      .nullable()
      .openapi({ description: "Who allowed, refused or gave it up, where somebody did." }),
    processor_reference: z.string().nullable(),
    bank_reference: z
      .object({ kind: z.enum(BANK_REFERENCE_KINDS).nullable(), value: z.string() })
      .nullable()
      .openapi({ description: "A number by which the payer's bank finds it." }),
    ticket: z.string().nullable().openapi({ description: "The payer's page of this refund." }),
    next_look_at: moment.nullable().openapi({ description: "When the processor is asked again; null when final." }),
    processor_code: z.string().nullable(),
    processor_text: z.string().nullable(),
    created_at: moment,
    updated_at: moment,
    occurred_at: moment.nullable(),
  })
  .openapi("Refund");

export const PersonSchema = z
  .object({
    actor: z.string().openapi({ description: "As it stands in `requested_by` and `decision.by`." }),
    name: z.string(),
    made_by: z.string().nullable().openapi({ description: "The member who made the key." }),
  })
  .openapi("Person", { description: "Who asked for refunds and decided on them. Told to members alone." });

export const EventSchema = z
  .object({
    id: z.string(),
    type: z.string().openapi({ example: "attempt.captured" }),
    invoice_id: z.string().nullable(),
    attempt_id: z.string().nullable(),
    actor: z.string(),
    data: z.record(z.string(), z.unknown()),
    occurred_at: moment,
    recorded_at: moment,
  })
  .openapi("Event");

export const TimelineStepSchema = EventSchema.extend({
  said: z
    .array(
      z.object({
        id: z.string(),
        source: z
          .enum(["notification", "query", "start", "command", "clock"])
          .openapi({ description: "By which way it was heard." }),
        kind: z.enum(OBSERVATION_KINDS),
        money: MoneySchema.nullable(),
        processor_code: z.string().nullable(),
        processor_text: z.string().nullable(),
        reference: z.string().nullable(),
        ipn_id: z.string().nullable(),
        occurred_at: moment.nullable(),
        recorded_at: moment,
      }),
    )
    .openapi({ description: "What the processor said that caused it; scrubbed of secrets and of the payer's data." }),
  told: z
    .array(
      z.object({
        kind: z.enum(["webhook", "mail", "processor_call"]),
        host: z.string().nullable().openapi({ description: "Of a webhook's address." }),
        state: z.enum(["delivered", "waiting", "failed"]),
        answers: z.array(z.object({ status: z.number().int().nullable(), at: moment, milliseconds: z.number().int() })),
        tries: z.number().int(),
        next_try_at: moment.nullable(),
        delivered_at: moment.nullable(),
      }),
    )
    .openapi({ description: "Who was told of it, with each answer." }),
}).openapi("TimelineStep");

export const CheckReportSchema = z.object({
  at: moment,
  steps: z.array(
    z.object({
      id: z.string(),
      outcome: z.enum(["passed", "failed", "needs_person", "skipped"]),
      detail: z.string().optional(),
      validUntil: moment.optional(),
    }),
  ),
});

export const DiagnosisSchema = z.object({
  at: moment,
  findings: z.array(
    z.object({
      code: z.string(),
      severity: z
        .enum(["stops", "warns"])
        .openapi({ description: "`stops`: no payment can be taken until it is mended." }),
      facts: z.record(z.string(), z.string()),
      next: z
        .object({ kind: z.enum(["command", "field", "link"]), to: z.string() })
        .openapi({ description: "The one next step: a command here, a field to mend, or a page elsewhere." }),
    }),
  ),
});

export const ConsentSchema = z.object({
  state: z.enum(["wanted", "granted", "lapsed"]),
  sent_to: z.string().nullable().openapi({ description: "Masked address that the link was sent to." }),
  sent_at: moment.nullable(),
  link_until: moment.nullable(),
  granted: z.array(z.string()),
  missing: z.array(z.string()).openapi({ description: "Permissions that were asked for and not given." }),
  access_until: moment.nullable(),
  renewable_until: moment.nullable(),
});

export const PayerActionSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("go"), url: z.string() }),
  z.object({ kind: z.literal("post_form"), url: z.string(), fields: z.record(z.string(), z.string()) }),
  z.object({ kind: z.literal("show_qr"), payload: z.string() }),
  z.object({ kind: z.literal("wait_for_terminal") }),
]);

export const ConnectionSchema = z
  .object({
    id: z.string(),
    point_of_sale_id: z.string(),
    processor: z.string(),
    variant: z.string(),
    environment: z.enum(["live", "test"]),
    name: z.string(),
    status: z.enum(["unverified", "waiting_for_approval", "verified", "failing"]),
    public_fields: z.record(z.string(), z.string()).openapi({ description: "Never a secret." }),
    last_check: CheckReportSchema.nullable(),
    verified_at: moment.nullable(),
    last_notification_at: moment.nullable(),
    created_at: moment,
    notification_address: z.string(),
    warnings: z.array(z.string()).openapi({ description: "Codes, e.g. account_used_elsewhere." }),
    consent: ConsentSchema.nullable().openapi({ description: "Null where the processor needs none." }),
    diagnosis: DiagnosisSchema.nullable().openapi({
      description: "What the last examination found; empty is healthy.",
    }),
  })
  .openapi("Connection");

export const NewConnection = z
  .strictObject({
    point_of_sale_id: z.string().max(40).optional(),
    processor: z.string().max(40),
    environment: z.enum(["live", "test"]),
    name: z.string().trim().min(1, "required").max(80).optional(),
    credentials: z
      .record(z.string(), z.string().max(20_000))
      .openapi({ description: "Fields of the processor's form; see /v1/processors." }),
  })
  .openapi("NewConnection");

/** One field of a form for credentials. */
export const CredentialFieldSchema = z.object({
  name: z.string(),
  input: z.enum(["text", "password", "pem_private_key", "pem_certificate", "list"]),
  secret: z.boolean(),
  required: z.boolean(),
  accept: z.array(z.string()),
  example: z.string().nullable(),
});

export const ProcessorSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    country: z.string(),
    maturity: z.string(),
    links: z.object({
      home: z.string(),
      admin: z.string(),
      admin_test: z.string(),
      eligibility: z.string().nullable(),
      apply: z.string().nullable(),
      open_account: z.string().nullable(),
    }),
    options: z
      .array(
        z.object({
          name: z.string(),
          input: z.enum(["choice", "switch", "text"]),
          choices: z.array(z.string()),
          only_when: z.object({ name: z.string(), is: z.union([z.string(), z.boolean()]) }).nullable(),
          needs_register: z.union([z.string(), z.boolean()]).nullable(),
        }),
      )
      .openapi({ description: "What is decided for a connection beside its credentials." }),
    consent: z
      .object({
        redirect_url: z.string().openapi({ description: "To be registered at the processor exactly as it stands." }),
        permissions: z.array(z.object({ id: z.string(), methods: z.array(z.string()) })),
      })
      .nullable(),
    has_many_shops: z
      .boolean()
      .openapi({ description: "One account has shops that are connected each by itself, under a name." }),
    has_accounts: z.boolean(),
    registers_notifications: z.boolean(),
    variants: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        check: z.enum(["automatic", "person"]),
        methods: z.array(z.string()),
        currencies: z.array(z.string()),
        can_refund: z.boolean(),
        can_hold: z.boolean(),
        details_limit: z.number().int(),
        fields: z.array(CredentialFieldSchema),
      }),
    ),
  })
  .openapi("Processor");

export const PointOfSaleSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    site: z.string(),
    activity: z.string().nullable(),
    is_test: z.boolean(),
    is_open: z.boolean(),
    sender_name: z.string().nullable(),
    sender_email: z.string().nullable(),
    card_on_all_invoices: z.boolean(),
    fiscal_from_proforma: z.boolean(),
    record_collection: z.boolean(),
    method_order: z
      .array(z.string())
      .openapi({ description: '"connection:method"; what is not named comes after, oldest connection first.' }),
    frame_origins: z.array(z.string()).openapi({
      description:
        "Origins whose pages may show the payment page in a frame: https, without a path; for a test point of sale " +
        "also http://localhost. None when empty.",
      example: ["https://shop.example"],
    }),
    brand_color: z.string().nullable().openapi({
      description: "Colour of the payment pages; darkened or lightened there as far as it must be to stay readable.",
      example: "#0b6b4f",
    }),
    logo: z
      .object({ hash: z.string(), width: z.number().int(), height: z.number().int() })
      .nullable()
      .openapi({ description: "The logo on the payment pages, by the SHA-256 of its bytes." }),
  })
  .openapi("PointOfSale");

export const OnboardingStepSchema = z
  .object({
    step: z.string(),
    is_wait: z.boolean().openapi({ description: "The processor ends it, not the merchant." }),
    started_at: moment.nullable(),
    done_at: moment.nullable(),
    /** A wait that has lasted long enough to ask about. */
    is_overdue: z.boolean(),
  })
  .openapi("OnboardingStep");

export const IpnSchema = z
  .object({
    id: z.string(),
    connection_id: z.string().nullable(),
    processor: z.string().nullable(),
    attempt_id: z.string().nullable(),
    verdict: z.enum(IPN_VERDICTS),
    reason: z.string().nullable(),
    state: z.enum(IPN_STATES),
    size_bytes: z.number().int(),
    sha256: z.string(),
    answer_status: z.number().int(),
    received_at: moment,
    processed_at: moment.nullable(),
    next_try_at: moment.nullable(),
    observations: z.array(
      z.object({
        kind: z.enum(OBSERVATION_KINDS),
        money: z.object({ minor: z.string(), currency: z.string() }).optional(),
        declineReason: z.string().optional(),
        processorCode: z.string().optional(),
        processorText: z.string().optional(),
        occurredAt: z.string().optional(),
      }),
    ),
  })
  .openapi("Ipn");

export const IpnWithRaw = IpnSchema.extend({
  answer_body: z.string(),
  raw: z
    .object({ headers: z.record(z.string(), z.string()), body: z.string() })
    .nullable()
    .openapi({ description: "Scrubbed; null once its retention time is over." }),
}).openapi("IpnWithRaw");

export const AttentionSchema = z
  .object({
    id: z.string(),
    kind: z.enum(ATTENTION_KINDS),
    invoice_id: z.string().nullable(),
    attempt_id: z.string().nullable(),
    ipn_id: z.string().nullable(),
    connection_id: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
    due_at: moment,
    created_at: moment,
    resolved_at: moment.nullable(),
  })
  .openapi("Attention");

export const ApiKeySchema = z
  .object({
    id: z.string(),
    point_of_sale_id: z.string(),
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.string()),
    created_at: moment,
    last_used_at: moment.nullable(),
    revoked_at: moment.nullable(),
  })
  .openapi("ApiKey");

export const MeSchema = z
  .object({
    actor: z.string(),
    role: z.string().nullable(),
    scopes: z.array(z.string()),
    merchant: z.object({
      id: z.string(),
      name: z.string(),
      legal_name: z.string(),
      time_zone: z.string(),
      locale: z.string(),
    }),
    points_of_sale: z.array(PointOfSaleSchema),
    support_email: z.string(),
    support: z
      .array(z.object({ channel: z.enum(["email", "telegram", "phone"]), text: z.string(), href: z.string() }))
      .openapi({ description: "How merchants reach whoever runs this installation." }),
  })
  .openapi("Me");
