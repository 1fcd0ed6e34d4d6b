// What the API answers with, as types for the screens.

import type { z } from "@hono/zod-openapi";
import type { AccountsSchema, OptionsSchema } from "../../edge/http/connection-options.ts";
import type { InstallationSchema } from "../../edge/http/crm-installations.ts";
import type { LinkMailsSchema } from "../../edge/http/link-mails.ts";
import type { MoneyRulesSchema } from "../../edge/http/money-rules.ts";
import type { OutcomeStatusesSchema, OwnStatusSchema } from "../../edge/http/own-statuses.ts";
import type { MethodSchema } from "../../edge/http/points-of-sale.ts";
import type { ReceiptSchema } from "../../edge/http/receipts.ts";
import type { RegisterBody, RegisterSchema, ServiceSchema } from "../../edge/http/registers.ts";
import type {
  AttemptSchema,
  ConnectionSchema,
  HeldSchema,
  InvoiceSchema,
  InvoiceWithLines,
  OnboardingStepSchema,
  PaymentSchema,
  PersonSchema,
  PointOfSaleSchema,
  ProcessorSchema,
  RefundSchema,
  TimelineStepSchema,
} from "../../edge/http/shapes.ts";
import type { DeliverySchema, EndpointSchema } from "../../edge/http/webhooks.ts";

export type Attempt = z.infer<typeof AttemptSchema>;
export type Connection = z.infer<typeof ConnectionSchema>;
export type ConnectionOptions = z.infer<typeof OptionsSchema>;
export type ConnectionAccounts = z.infer<typeof AccountsSchema>;
export type TimelineEvent = z.infer<typeof TimelineStepSchema>;
export type MoneyRules = z.infer<typeof MoneyRulesSchema>;
export type CrmInstallation = z.infer<typeof InstallationSchema>;
export type Held = z.infer<typeof HeldSchema>;
export type Hold = NonNullable<Attempt["hold"]>;
export type Invoice = z.infer<typeof InvoiceSchema>;
export type FullInvoice = z.infer<typeof InvoiceWithLines>;
export type OnboardingStep = z.infer<typeof OnboardingStepSchema>;
export type Payment = z.infer<typeof PaymentSchema>;
export type Person = z.infer<typeof PersonSchema>;
export type Method = z.infer<typeof MethodSchema>;
export type LinkMails = z.infer<typeof LinkMailsSchema>;
export type OwnStatus = z.infer<typeof OwnStatusSchema>;
export type OutcomeStatuses = z.infer<typeof OutcomeStatusesSchema>;
export type PointOfSale = z.infer<typeof PointOfSaleSchema>;
export type Processor = z.infer<typeof ProcessorSchema>;
export type Receipt = z.infer<typeof ReceiptSchema>;
export type Register = z.infer<typeof RegisterSchema>;
export type RegisterInput = z.input<typeof RegisterBody>;
export type RegisterService = z.infer<typeof ServiceSchema>;
export type Refund = z.infer<typeof RefundSchema>;
export type WebhookEndpoint = z.infer<typeof EndpointSchema>;
export type WebhookDelivery = z.infer<typeof DeliverySchema>;
