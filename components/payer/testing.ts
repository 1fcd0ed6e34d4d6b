// Views for tests and for looking at the screens: one invoice in every state that a payer can meet.

import type { Note, PayerState, PayerView } from "./view.ts";

const card = {
  connection_id: "con_01KAF2M1Q7X4",
  processor: "netopia",
  processor_name: "NETOPIA Payments",
  method: "card",
  needs_email: false,
  is_troubled: false,
};

const base: PayerView = {
  state: "payable",
  version: 3,
  merchant: {
    name: "Demo SRL",
    legal_name: "Demo SRL (date demonstrative)",
    tax_id: "RO00000000",
    email: "contact@demo.example",
    phone: "+40210000000",
    time_zone: "Europe/Bucharest",
    offer_url: null,
  },
  point_of_sale: { name: "Magazin demonstrativ", site: "https://demo.example" },
  brand: { color: null, logo: null },
  frame_origins: [],
  is_test: false,
  link: "https://pay.example/i/abcdefghijklmnopqrstuvwx",
  hand_over: null,
  invoice: {
    kind: "proforma",
    label: "PF-0012",
    amount: { minor: 24990, currency: "RON" },
    paid: { minor: 0, currency: "RON" },
    due: { minor: 24990, currency: "RON" },
    issued_on: "2026-11-21",
    due_on: "2026-12-05",
    expires_at: "2026-12-31T21:59:00.000Z",
    paid_at: null,
    note: null,
    payer_name: "Client demonstrativ",
    payer_email: "client@demo.example",
    payer_phone: null,
    locale: "ro",
    lines: [
      {
        description: "Servicii de întreținere, noiembrie",
        quantity: 1,
        unit: null,
        unit_price_minor: 19990,
        vat_percent: 21,
        amount_minor: 19990,
      },
      {
        description: "Găzduire",
        quantity: 2,
        unit: "luni",
        unit_price_minor: 2500,
        vat_percent: 21,
        amount_minor: 5000,
      },
    ],
  },
  methods: [card],
  payer_note: null,
  code: null,
  truth: [],
  notes: [],
  date_asked_at: null,
  refunds: [],
  attempt: null,
};

const attempt: NonNullable<PayerView["attempt"]> = {
  id: "att_01KAF2M1Q7X4Z9B8C7D6E5F4G3",
  connection_id: "con_01KAF2M1Q7X4",
  method: "card",
  processor: "netopia",
  processor_name: "NETOPIA Payments",
  state: "awaiting_payer",
  reason: null,
  instrument: null,
  can_resume: false,
  is_lapsed_code: false,
  hold: null,
};

const ATTEMPTS: Partial<Record<PayerState, Partial<typeof attempt>>> = {
  scan: { can_resume: true, method: "sbp", processor: "tochka", processor_name: "Tochka" },
  checking: { can_resume: true },
  processing: { state: "processing" },
  in_review: { state: "in_review" },
  held: { state: "authorized" },
  paid: { state: "captured", instrument: "9****5098" },
  declined: { state: "declined", reason: "insufficient_funds" },
};

/** A view in the state asked for, with what usually goes with it. */
export function viewIn(state: PayerState, change: Partial<PayerView> = {}): PayerView {
  const its = ATTEMPTS[state];
  const { invoice } = base;
  return {
    ...base,
    state,
    ...(its ? { attempt: { ...attempt, ...its } } : {}),
    ...(state === "paid"
      ? {
          invoice: {
            ...invoice,
            paid: invoice.amount,
            due: { ...invoice.due, minor: 0 },
            paid_at: "2026-11-21T14:15:00.000Z",
          },
          truth: [
            {
              kind: "captured",
              at: "2026-11-21T14:15:00.000Z",
              processor_name: "NETOPIA Payments",
              amount: invoice.amount,
            },
            { kind: "paid", at: "2026-11-21T14:15:01.000Z" },
            { kind: "merchant_told", at: "2026-11-21T14:15:02.000Z", status: 200 },
          ],
        }
      : {}),
    ...(state === "scan"
      ? {
          methods: [{ ...card, processor: "tochka", processor_name: "Tochka", method: "sbp" }, card],
          code: {
            payload: "https://qr.nspk.ru/AD10006DPRTEFPFS9HJ9SQSDSVRHJD3L?type=02&bank=100000000284&sum=24990&cur=RUB",
            expires_at: "2026-11-21T15:15:00.000Z",
            is_opened: false,
          },
        }
      : {}),
    ...(state === "no_method" ? { methods: [] } : {}),
    ...change,
  };
}

/** Something about the money that the payer must be told. */
export function noteOf(kind: Note["kind"], change: Partial<Note> = {}): Note {
  return {
    kind,
    amount: base.invoice.amount,
    asked: null,
    processor_name: card.processor_name,
    at: "2026-11-21T14:20:00.000Z",
    cause: null,
    refund: null,
    ...change,
  };
}

/** An attempt that waits at its processor and can be opened again. */
export const openAttempt: NonNullable<PayerView["attempt"]> = { ...attempt, can_resume: true };
