// Every screen that a payer can meet, as documents with the headers they are sent with.

import { brandStyle } from "../../components/payer/brand.ts";
import { contentSecurityPolicy, type Policy } from "../../components/payer/headers.ts";
import { knownOf } from "../../components/payer/known.ts";
import { SUBMIT_SCRIPT } from "../../components/payer/live-script.ts";
import {
  elsewherePage,
  leadingPage,
  noticePage,
  offlinePage,
  paymentPage,
  sealedFormPage,
} from "../../components/payer/pages.tsx";
import { noteOf, openAttempt, viewIn } from "../../components/payer/testing.ts";
import type { PayerView } from "../../components/payer/view.ts";
import { PAYER_STATES } from "../../edge/http/payer-view.ts";
import type { Language } from "../../messages/languages.ts";

export type Screen = { name: string; html: string; policy: string };

const PATH = "/i/abcdefghijklmnopqrstuvwx";
const WAYS = [
  ["card", "netopia", "NETOPIA Payments"],
  ["sbp", "tochka", "Tochka"],
  ["card", "revolut", "Revolut"],
  ["card", "uapay", "UAPAY"],
] as const;

/** Ways to pay of several processors, as many as asked for. */
export function ways(count: number): PayerView["methods"] {
  return WAYS.slice(0, count).map(([method, processor, name], index) => ({
    connection_id: `con_01KAF2M1Q7X${index}`,
    processor,
    processor_name: name,
    method,
    needs_email: false,
    is_troubled: false,
  }));
}

/** Money that came otherwise than asked. */
function otherwise(): [string, PayerView][] {
  const paid = viewIn("paid");
  const { invoice } = paid;
  const sum = (minor: number) => ({ minor, currency: "RON" });
  const part = { ...invoice, paid: sum(20_000), due: sum(4_990), paid_at: null };
  const refund = { id: "rfd_01KAF2M1Q7X4Z9B8C7D6E5F4G3", is_done: false };
  const following = [{ id: refund.id, amount: sum(24_990), is_done: false }];
  return [
    ["paid late, the payment's time was over", viewIn("paid", { notes: [noteOf("late", { cause: "attempt_over" })] })],
    ["paid late, after the validity", viewIn("paid", { notes: [noteOf("late", { cause: "expired" })] })],
    ["paid late, after the cancellation", viewIn("paid", { notes: [noteOf("late", { cause: "cancelled" })] })],
    [
      "a part paid late, after the cancellation",
      viewIn("cancelled", { invoice: part, notes: [noteOf("late", { cause: "cancelled", amount: sum(20_000) })] }),
    ],
    [
      "paid short",
      viewIn("payable", {
        invoice: part,
        notes: [noteOf("short", { amount: sum(20_000), asked: sum(24_990) })],
        truth: paid.truth.slice(0, 1).map((step) => ({ ...step, amount: sum(20_000) })),
      }),
    ],
    [
      "paid over",
      viewIn("paid", {
        invoice: { ...invoice, paid: sum(30_000) },
        notes: [noteOf("over", { amount: sum(5_010), asked: sum(24_990) })],
      }),
    ],
    ["paid twice, for the merchant to give back", viewIn("paid", { notes: [noteOf("twice")] })],
    ["paid twice, given back by itself", viewIn("paid", { notes: [noteOf("twice", { refund })], refunds: following })],
    ["paid twice, given back", viewIn("paid", { notes: [noteOf("twice", { refund: { ...refund, is_done: true } })] })],
    [
      "paid in another currency",
      viewIn("in_review", {
        notes: [noteOf("other_currency", { amount: { minor: 4_998, currency: "EUR" }, asked: sum(24_990) })],
      }),
    ],
  ];
}

const HAND_OVER = { link: "https://pay.example/i/zyxwvutsrqponmlkjihgfe", expires_at: "2030-11-21T14:30:00.000Z" };

/** The payment page by a short link. */
function handedOver(): PayerView {
  const { invoice } = viewIn("payable");
  return viewIn("payable", {
    hand_over: { expires_at: HAND_OVER.expires_at },
    invoice: { ...invoice, payer_name: null, payer_email: null, payer_phone: null },
  });
}

/** What the service worker makes of its page when it knows something. */
async function withoutLine(language: Language): Promise<string> {
  const { title, amount, merchant } = knownOf(viewIn("processing"), language);
  const values: Record<string, string> = { title, amount, merchant, href: PATH, time: "21 November 2026 at 16:15" };
  return (await offlinePage(language, true)).replace(/%(\w+)%/g, (gap, name) => values[name] ?? gap);
}

/** All screens in one language. */
export async function payerScreens(language: Language): Promise<Screen[]> {
  const place = { language, path: PATH };
  const page: Policy = { kind: "page" };
  const still: Policy = { kind: "still" };
  const invoice = viewIn("payable").invoice;
  const partly = { ...invoice, paid: { minor: 10_000, currency: "RON" }, due: { minor: 14_990, currency: "RON" } };
  const shown: [string, PayerView][] = [
    ...PAYER_STATES.map((state): [string, PayerView] => [state, viewIn(state)]),
    ["payable, four ways", viewIn("payable", { methods: ways(4), is_test: true })],
    ["payable, partly paid", viewIn("payable", { invoice: partly })],
    ["expired, a new date is asked for", viewIn("expired", { date_asked_at: "2027-01-02T08:30:00.000Z" })],
    ...otherwise(),
    ["payable, begun at the processor", viewIn("payable", { attempt: openAttempt })],
    [
      "declined, safe words",
      viewIn("declined", {
        methods: ways(2),
        attempt: { ...openAttempt, state: "declined", can_resume: false, reason: "fraud_suspected" },
      }),
    ],
  ];
  const screens: [string, Policy, Promise<string>][] = [
    ...shown.map(([name, view]): [string, Policy, Promise<string>] => [name, page, paymentPage(view, place)]),
    [
      "payable, fields with faults",
      page,
      paymentPage(viewIn("payable"), place, {
        typed: { email: "client@", phone: "12" },
        faults: ["email", "phone"],
      }),
    ],
    [
      "payable, another payment is open",
      page,
      paymentPage(viewIn("payable", { methods: ways(2) }), place, { problem: "other_attempt_open" }),
    ],
    ["leading on", still, staying(leadingPage(place, "https://processor.example/pay", onward()))],
    [
      "leading on by a sealed form",
      { kind: "sealed_form", gateway: "https://processor.example" },
      staying(sealedFormPage(place, { url: "https://processor.example/pay", fields: { data: "sealed" } }, onward())),
    ],
    ["inside another application", page, paymentPage(viewIn("payable"), { ...place, app: "Instagram" })],
    ["handing over, to be made", page, elsewherePage(viewIn("payable"), place)],
    ["handing over", page, elsewherePage(viewIn("payable"), place, HAND_OVER)],
    ["handed over to another", page, paymentPage(handedOver(), place)],
    ["short link is over", still, noticePage(place, "lapsed")],
    ["without a line", { kind: "offline" }, withoutLine(language)],
    ["no such link", still, noticePage(place, "missing")],
    ["too many requests", still, noticePage(place, "tooMany")],
    ["not reachable", still, noticePage(place, "unreachable")],
  ];
  const plain = screens.map(async ([name, policy, html]) => ({
    name,
    html: await html,
    policy: contentSecurityPolicy(policy),
  }));
  return Promise.all([...plain, ...BRANDS.map((one) => branded(one, language))]);
}

const BRANDS = [
  { name: "a pale yellow brand", color: "#fff1a8", logo: { hash: "0".repeat(64), width: 300, height: 100 } },
  { name: "a navy brand", color: "#0b1f5c", logo: null },
];

/** The page with the most of a merchant's colour on it: four ways to pay, one begun. */
async function branded({ name, ...brand }: (typeof BRANDS)[number], language: Language): Promise<Screen> {
  const view = viewIn("payable", { methods: ways(4), attempt: openAttempt, brand });
  return {
    name,
    html: await paymentPage(view, { language, path: PATH, brand }),
    policy: contentSecurityPolicy({ kind: "page" }, [], brandStyle(brand.color)),
  };
}

/** Without what leads away by itself: it is to be looked at. That it leads on is shown by the journeys. */
async function staying(page: Promise<string>): Promise<string> {
  return (await page).replace(/<meta http-equiv="refresh"[^>]*>/i, "").replace(`<script>${SUBMIT_SCRIPT}</script>`, "");
}

function onward() {
  return { view: viewIn("payable"), processor: "NETOPIA Payments" };
}

/** A name as a file's. */
export const fileOf = (name: string): string => name.replaceAll(/[^a-z_]+/g, "-");
