// What the CRM simulator remembers: accounts with keys, modules, payment types, statuses, orders, their payments and invoices.

/** Words that a module may tell; anything else is refused in strict mode. */
export const invoiceStatuses = ["pending", "waitingForCapture", "succeeded", "canceled", "refundSucceeded"] as const;
export type InvoiceStatus = (typeof invoiceStatuses)[number];

/** How `payment/check` answers. `order`: by whether the order still stands and its sum is the same. */
export const checkMoods = ["order", "ok", "changed", "outer_error", "no_result", "timeout", "503", "429"] as const;
export type CheckMood = (typeof checkMoods)[number];

/** Methods that can be ticked at a key, as the CRM lists them. */
export const keyMethods = [
  "/api/integration-modules/{code}",
  "/api/integration-modules/{code}/edit",
  "/api/payment/(updateInvoice|check)",
  "/api/payment/create-invoice",
  "/api/payment/invoice",
  "/api/settings",
  "/api/orders",
  "/api/customers",
] as const;
export type KeyMethod = (typeof keyMethods)[number];

export type ApiKey = { key: string; name: string; methods: KeyMethod[]; active: boolean };

export type Module = {
  code: string;
  integrationCode: string;
  active: boolean;
  freeze: boolean;
  name: string;
  clientId: string;
  baseUrl: string;
  accountUrl: string;
  activityPath: string | null;
  actions: Record<string, string>;
  currencies: string[];
  shops: { code: string; name: string; active: boolean }[];
  /** How often it was registered, and the last registration as it came. */
  edits: number;
  raw: unknown;
};

export type PaymentType = { code: string; name: string; active: boolean; module: string | null; shop: string | null };
export type PaymentStatus = { code: string; name: string };

export type Refund = { id: string; status: string; amount: number; comment: string | null };
export type Invoice = {
  uuid: string;
  /** The module's name for it. */
  paymentId: string | null;
  url: string | null;
  /** Every link that was ever answered: more than one different is the module's mistake. */
  links: string[];
  amount: number;
  currency: string;
  shop: string;
  module: string;
  status: InvoiceStatus | string;
  cancellable: boolean;
  refundable: boolean;
  paid: number | null;
  cancellationDetails: string | null;
  paidAt: string | null;
  expiredAt: string | null;
  refunds: Refund[];
  /** Every state that was told, oldest first. */
  told: { at: number; status: string }[];
};

export type OrderPayment = {
  id: number;
  type: string | null;
  status: string;
  invoices: Invoice[];
  /** What the module said last when it did not do what was asked; shown word for word. */
  error: string | null;
  notice: string | null;
};

export type Order = {
  id: number;
  number: string;
  customer: { firstName: string; lastName: string; email: string; phone: string };
  /** Further addresses of the customer's card. */
  clientEmails: string[];
  items: { name: string; price: number; quantity: number; vat: string }[];
  discount: number;
  currency: string;
  deleted: boolean;
  payments: OrderPayment[];
};

export type Options = {
  /** Unknown status words, backward moves and missing fields are refused; else only noted. */
  strict: boolean;
  /** Modules may be registered with plain http addresses of this machine. */
  localUrls: boolean;
  ratePerSecond: number;
  check: CheckMood;
  /** Default address of the store that mails come from; empty: none is set. */
  sender: string;
  /** Whether mails were bought. */
  mailPackage: boolean;
  moduleTimeoutMs: number;
};

export type Account = {
  name: string;
  language: string;
  currency: string;
  timeZone: string;
  /** Where the account moved to; it does not exist at its old name any more. */
  movedTo: string | null;
  options: Options;
  keys: ApiKey[];
  modules: Module[];
  paymentTypes: PaymentType[];
  statuses: PaymentStatus[];
  /** Which status of the merchant's each word of a module means; null until it was set up. */
  mapping: Record<string, string> | null;
  orders: Order[];
  count: number;
};

export type RequestRecord = {
  at: number;
  account: string;
  method: string;
  path: string;
  body: string;
  status: number;
  said: string;
};
export type CallRecord = {
  at: number;
  account: string;
  action: string;
  url: string;
  body: string;
  status: number | null;
  answer: string;
  milliseconds: number;
};

export type RetailcrmState = { accounts: Account[] };

export const emptyState = (): RetailcrmState => ({ accounts: [] });

export const defaultOptions: Options = {
  strict: true,
  localUrls: true,
  ratePerSecond: 50,
  check: "order",
  sender: "shop@crm.example",
  mailPackage: false,
  moduleTimeoutMs: 20_000,
};

export const defaultStatuses: PaymentStatus[] = [
  { code: "not-paid", name: "Not paid" },
  { code: "wait-approved", name: "Awaiting confirmation" },
  { code: "paid", name: "Paid" },
  { code: "canceled", name: "Cancelled" },
  { code: "returned", name: "Returned" },
];

/** What the dialog proposes. */
export const proposedMapping: Record<InvoiceStatus, string> = {
  pending: "not-paid",
  waitingForCapture: "wait-approved",
  succeeded: "paid",
  canceled: "canceled",
  refundSucceeded: "returned",
};

/** What each word means to the merchant, in the dialog. */
export const meanings: Record<InvoiceStatus, string> = {
  pending: "Waiting for payment",
  waitingForCapture: "Held, to be confirmed",
  succeeded: "Successfully paid",
  canceled: "Cancelled",
  refundSucceeded: "Successful refund",
};
