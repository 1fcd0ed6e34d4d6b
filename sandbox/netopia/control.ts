// The control API of the NETOPIA simulator: points of sale, payments, faults, and notifications to order.
import type { Hono } from "hono";
import { z } from "zod";
import { answer, ControlError, readInput } from "../control-input.ts";
import { messageFor, testCards } from "./cards.ts";
import { type FaultName, faultCatalogue, faultNames } from "./faults.ts";
import { pageAddress, testEntry } from "./hosted-page.ts";
import { sealedForm } from "./ipn-v1.ts";
import { signedRequest } from "./ipn-v2.ts";
import { minorFromText } from "./money.ts";
import { browserReturned, build, forgetPayments, freshCrc, type Netopia, posOf, post, send } from "./notify.ts";
import { addressFault } from "./order.ts";
import {
  ActError,
  answerChallenge,
  type CardResult,
  capture,
  credit,
  endReview,
  expire,
  finishCard,
  setStatus,
  submitCard,
  voidPayment,
} from "./payment.ts";
import { createPointOfSale, credentialsOf, signatureShape } from "./points-of-sale.ts";
import type { Delivery, Ipn, Options, Outgoing, Payment, PointOfSale } from "./state.ts";
import { makeKeyWithCertificate } from "./x509.ts";

const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, "is not a number")
    .transform(Number),
]);
const whole = number.refine(Number.isInteger, "must be a whole number");
/** Major units, as "249.90" or 249.9; read into minor units. */
const money = z.union([z.string(), z.number()]).transform((value, context): number => {
  const minor = minorFromText(String(value));
  if (minor === undefined) context.addIssue({ code: "custom", message: "is not an amount in major units" });
  return minor ?? 0;
});

const options = z
  .strictObject({
    preauth: z.boolean(),
    review: z.boolean(),
    convertToRon: z.boolean(),
    firstIpn: z.enum(["before_return", "after_return"]),
    declineReturns: z.boolean(),
    everyoneToCancelUrl: z.boolean(),
    ipnOnConfirmed: z.boolean(),
    creditRunningTotal: z.boolean(),
    newCrcOnResend: z.boolean(),
    tokens: z.boolean(),
    maxTries: whole.pipe(z.number().min(1).max(1000)),
    retrySeconds: number.pipe(z.number().min(0.001)),
    retryFactor: number.pipe(z.number().min(1)),
    maxRetrySeconds: number.pipe(z.number().min(0.001)),
    ipnTimeoutMs: whole.pipe(z.number().min(1)),
  })
  .partial();

const pointOfSaleInput = z.strictObject({
  signature: z.string().regex(signatureShape, "must be five groups of four capital letters or digits").optional(),
  keyBits: whole.pipe(z.union([z.literal(1024), z.literal(2048)])).optional(),
  name: z.string().min(1).optional(),
  approved: z.boolean().optional(),
  options: options.optional(),
});

const pointOfSaleChange = z.strictObject({
  name: z.string().min(1).optional(),
  approved: z.boolean().optional(),
  options: options.optional(),
});

const faultInput = z.strictObject({
  fault: z.enum(faultNames),
  signature: z.string().optional(),
  orderId: z.string().optional(),
  operation: z.enum(["start", "status", "credit", "capture", "void"]).optional(),
  next: z.union([z.literal("all"), whole.pipe(z.number().min(1))]).optional(),
  delaySeconds: number.pipe(z.number().min(0)).optional(),
  ms: whole.pipe(z.number().min(0)).optional(),
  times: whole.pipe(z.number().min(1).max(50)).optional(),
});

const actInput = z.strictObject({
  action: z.enum([
    "pay",
    "decline",
    "approve-3ds",
    "refuse-3ds",
    "accept-review",
    "reject-review",
    "capture",
    "void",
    "credit",
    "expire",
    "status",
    "return",
  ]),
  card: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  amount: money.optional(),
  status: whole.optional(),
});

const faultList = z.array(z.enum(faultNames)).default([]);
const ipnInput = z.union([
  z.strictObject({
    protocol: z.literal("v1"),
    signature: z.string(),
    xml: z.string(),
    url: z.string(),
    cipher: z.enum(["rc4", "aes-256-cbc"]).default("aes-256-cbc"),
    faults: faultList,
    headers: z.record(z.string(), z.string()).default({}),
    deliver: z.boolean().default(true),
  }),
  z.strictObject({
    protocol: z.literal("v2"),
    signature: z.string(),
    body: z.union([z.string(), z.record(z.string(), z.unknown())]),
    url: z.string(),
    faults: faultList,
    headers: z.record(z.string(), z.string()).default({}),
    deliver: z.boolean().default(true),
  }),
  z.strictObject({
    orderId: z.string(),
    signature: z.string().optional(),
    ipn: z.string().optional(),
    action: z.string().optional(),
    status: whole.optional(),
    code: z.string().optional(),
    message: z.string().optional(),
    amount: money.optional(),
    crc: z.string().optional(),
    url: z.string().optional(),
    faults: faultList,
    headers: z.record(z.string(), z.string()).default({}),
    deliver: z.boolean().default(true),
  }),
]);

/** The payment of an order id or of its own number; the newest when several merchants use the same order id. */
function findPayment(netopia: Netopia, key: string, signature?: string): Payment {
  const found = netopia.state.payments.findLast(
    (payment) => (payment.orderId === key || payment.id === key) && (!signature || payment.signature === signature),
  );
  if (!found) throw new ControlError(404, "orderId", `no payment ${key}`, "not_found");
  return found;
}

function findPos(netopia: Netopia, signature: string): PointOfSale {
  const pos = netopia.state.pointsOfSale.find((candidate) => candidate.signature === signature);
  if (!pos) throw new ControlError(404, "signature", `no point of sale ${signature}`, "not_found");
  return pos;
}

/** zod types left-out fields as undefined; the stored options have none. */
function given(changes: { [K in keyof Options]?: Options[K] | undefined }): Partial<Options> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Partial<Options>;
}

/** A payment as the control API shows it. */
function shown(netopia: Netopia, payment: Payment): object {
  return { ...payment, pageUrl: pageAddress(netopia, payment) };
}

async function act(
  netopia: Netopia,
  payment: Payment,
  input: z.infer<typeof actInput>,
): Promise<{ result: string; ipn: Ipn | null }> {
  const card = (result: CardResult): { result: string; ipn: Ipn | null } => {
    if (result.kind === "invalid") throw new ControlError(400, `card.${result.field}`, result.message);
    return result.kind === "challenge" ? { result: "challenge", ipn: null } : { result: "told", ipn: result.ipn };
  };
  const told = async (ipn: Promise<Ipn | undefined>): Promise<{ result: string; ipn: Ipn | null }> => {
    const done = (await ipn) ?? null;
    return { result: done ? "told" : "silent", ipn: done };
  };
  const pan = input.card ?? testCards[0]?.pan ?? "";
  switch (input.action) {
    case "pay":
      return card(await submitCard(netopia, payment, testEntry(netopia, pan), "control"));
    case "decline":
      return told(finishCard(netopia, payment, pan, input.code ?? "35", "control", input.message));
    case "approve-3ds":
    case "refuse-3ds":
      return card(await answerChallenge(netopia, payment, input.action === "approve-3ds", "control"));
    case "accept-review":
    case "reject-review":
      return told(endReview(netopia, payment, input.action === "accept-review", "control"));
    case "capture":
      return told(capture(netopia, payment, input.amount, "control"));
    case "void":
      return told(voidPayment(netopia, payment, "control"));
    case "credit":
      return told(credit(netopia, payment, input.amount, "control"));
    case "expire":
      return told(expire(netopia, payment, "control"));
    case "status":
      if (input.status === undefined) throw new ControlError(400, "status", "is required for this action");
      return told(setStatus(netopia, payment, input.status, "control", input.code, input.message));
    case "return":
      browserReturned(netopia, payment);
      return { result: "returned", ipn: null };
  }
}

/** An IPN of any content for a known payment; the payment itself stays as it is. */
function madeUp(
  netopia: Netopia,
  payment: Payment,
  input: Extract<z.infer<typeof ipnInput>, { orderId: string }>,
): Ipn {
  const base = input.ipn ? payment.ipns.find(({ id }) => id === input.ipn) : payment.ipns.at(-1);
  if (input.ipn && !base)
    throw new ControlError(404, "ipn", `the payment has no notification ${input.ipn}`, "not_found");
  const v1 = payment.protocol === "v1";
  const code = input.code ?? base?.code ?? (v1 ? "0" : "00");
  const plainCode = String(Number(code)) === "0" ? "0" : code;
  return {
    id: crypto.randomUUID(),
    at: base?.at ?? netopia.clock.now(),
    crc: input.crc ?? base?.crc ?? freshCrc(),
    action: input.action ?? base?.action ?? "confirmed",
    status: input.status ?? base?.status ?? 3,
    code,
    message:
      input.message ??
      (input.code === undefined ? base?.message : undefined) ??
      messageFor(plainCode, v1 ? "romanian" : "english"),
    processed: input.amount ?? base?.processed ?? payment.settledAmount,
    panMasked: base?.panMasked ?? payment.panMasked ?? "9****5098",
    state: "waiting",
    duplicates: 0,
    newCrcCopies: 0,
    holdUntil: null,
    holdSeconds: 0,
    automaticTries: 0,
    deliveries: [],
  };
}

function asBytes(outgoing: Outgoing): object {
  return {
    url: outgoing.url,
    method: "POST",
    headers: outgoing.headers,
    bodyBase64: outgoing.body.toString("base64"),
  };
}

/** Registers everything under /control/netopia. */
export function netopiaControl(app: Hono, netopia: Netopia): void {
  app.post("/control/netopia/points-of-sale", async (c) => {
    const { options: wanted, ...input } = await readInput(c, pointOfSaleInput);
    const pos = await createPointOfSale(netopia, {
      ...(input.signature ? { signature: input.signature } : {}),
      ...(input.keyBits ? { keyBits: input.keyBits } : {}),
      ...(input.name ? { name: input.name } : {}),
      ...(input.approved === undefined ? {} : { approved: input.approved }),
      ...(wanted ? { options: given(wanted) } : {}),
    });
    return answer(c, credentialsOf(pos), 201);
  });
  app.get("/control/netopia/points-of-sale", (c) => c.json(netopia.state.pointsOfSale.map(credentialsOf)));
  app.get("/control/netopia/points-of-sale/:signature", (c) =>
    c.json(credentialsOf(findPos(netopia, c.req.param("signature")))),
  );
  const change = async (signature: string, input: z.infer<typeof pointOfSaleChange>): Promise<PointOfSale> => {
    const pos = findPos(netopia, signature);
    if (input.name !== undefined) pos.name = input.name;
    if (input.approved !== undefined) pos.approved = input.approved;
    if (input.options) Object.assign(pos.options, given(input.options));
    netopia.changed();
    return pos;
  };
  for (const method of ["PATCH", "POST"] as const) {
    // POST is for plain forms, which cannot send PATCH.
    app.on(method, "/control/netopia/points-of-sale/:signature", async (c) =>
      answer(c, credentialsOf(await change(c.req.param("signature"), await readInput(c, pointOfSaleChange)))),
    );
  }

  const platformKey = () => ({ publicKey: netopia.platform.publicKey, certificate: netopia.platform.certificate });
  app.get("/control/netopia/platform-key", (c) => c.json(platformKey()));
  // The processor changes its key: what is sent from now on is signed by the new one.
  app.post("/control/netopia/platform-key", async (c) => {
    const { keyBits = 2048 } = await readInput(
      c,
      z.strictObject({ rotate: z.literal(true), keyBits: pointOfSaleInput.shape.keyBits }),
    );
    netopia.platform = await makeKeyWithCertificate(keyBits, "platform");
    netopia.state.platformKey = netopia.platform;
    netopia.changed();
    return answer(c, platformKey(), 201);
  });
  app.get("/control/netopia/cards", (c) => c.json(testCards));

  app.get("/control/netopia/payments", (c) => {
    const { orderId, signature } = c.req.query();
    const found = netopia.state.payments.filter(
      (payment) => (!orderId || payment.orderId === orderId) && (!signature || payment.signature === signature),
    );
    return c.json(found.map((payment) => shown(netopia, payment)));
  });
  app.delete("/control/netopia/payments", (c) => c.json({ deleted: forgetPayments(netopia) }));
  app.get("/control/netopia/payments/:orderId", (c) =>
    c.json(shown(netopia, findPayment(netopia, c.req.param("orderId"), c.req.query("signature")))),
  );
  app.post("/control/netopia/payments/:orderId/act", async (c) => {
    const payment = findPayment(netopia, c.req.param("orderId"), c.req.query("signature"));
    const input = await readInput(c, actInput);
    try {
      const done = await act(netopia, payment, input);
      return answer(c, { ...done, payment: shown(netopia, payment) }, 200, `/netopia/payments/${payment.id}`);
    } catch (error) {
      if (error instanceof ActError) throw new ControlError(409, error.field, error.message, error.code);
      throw error;
    }
  });
  app.post("/control/netopia/payments/:orderId/resend", async (c) => {
    const payment = findPayment(netopia, c.req.param("orderId"), c.req.query("signature"));
    const input = await readInput(c, z.strictObject({ ipn: z.string().optional(), newCrc: z.boolean().optional() }));
    const ipn = input.ipn ? payment.ipns.find(({ id }) => id === input.ipn) : payment.ipns.at(-1);
    if (!ipn) throw new ControlError(404, "ipn", "there is no such notification", "not_found");
    if (input.newCrc) ipn.crc = freshCrc();
    const delivery = await send(netopia, payment, ipn, "manual");
    return answer(c, { delivery, ipn, payment: shown(netopia, payment) }, 200, `/netopia/payments/${payment.id}`);
  });

  app.get("/control/netopia/requests", (c) => c.json(netopia.requests));

  app.get("/control/netopia/faults", (c) =>
    c.json({
      catalogue: faultNames.map((name) => ({ fault: name, ...faultCatalogue[name] })),
      planted: netopia.state.faults,
    }),
  );
  app.post("/control/netopia/faults", async (c) => {
    const { next, ...input } = await readInput(c, faultInput);
    const fault = { id: crypto.randomUUID(), ...input, left: next === "all" ? null : (next ?? 1) };
    netopia.state.faults.push(fault);
    netopia.changed();
    return answer(c, fault, 201);
  });
  const clearFaults = (id: string | undefined): number => {
    const before = netopia.state.faults.length;
    netopia.state.faults = id ? netopia.state.faults.filter((fault) => fault.id !== id) : [];
    netopia.changed();
    return before - netopia.state.faults.length;
  };
  app.delete("/control/netopia/faults", (c) => c.json({ deleted: clearFaults(c.req.query("id")) }));
  app.post("/control/netopia/faults/clear", async (c) => {
    const { id } = await readInput(c, z.strictObject({ id: z.string().optional() }));
    return answer(c, { deleted: clearFaults(id) });
  });

  app.post("/control/netopia/ipn", async (c) => {
    const input = await readInput(c, ipnInput);
    const has = (name: FaultName): boolean => input.faults.includes(name);
    let outgoing: Outgoing;
    let protocol: "v1" | "v2";
    let pos: PointOfSale;
    let keep: ((delivery: Delivery) => void) | undefined;
    if ("protocol" in input) {
      protocol = input.protocol;
      pos = findPos(netopia, input.signature);
      const fault = addressFault(input.url, "any");
      if (fault) throw new ControlError(400, "url", fault);
      outgoing =
        input.protocol === "v1"
          ? sealedForm({
              url: input.url,
              text: input.xml,
              cipher: input.cipher,
              merchant: pos.merchant,
              stranger: netopia.stranger,
              has,
            })
          : signedRequest({
              url: input.url,
              text: typeof input.body === "string" ? input.body : JSON.stringify(input.body),
              signature: pos.signature,
              platform: netopia.platform,
              stranger: netopia.stranger,
              now: netopia.clock.now(),
              has,
            });
    } else {
      const payment = findPayment(netopia, input.orderId, input.signature);
      protocol = payment.protocol;
      pos = posOf(netopia, payment);
      const ipn = madeUp(netopia, payment, input);
      outgoing = build(netopia, payment, ipn, input.faults);
      if (input.url) outgoing = { ...outgoing, url: input.url };
      keep = (delivery) => {
        ipn.deliveries.push(delivery);
        ipn.state = delivery.verdict === "accepted" ? "accepted" : "stopped";
        payment.ipns.push(ipn);
        netopia.changed();
      };
    }
    outgoing = { ...outgoing, headers: { ...outgoing.headers, ...input.headers } };
    if (!input.deliver) return c.json(asBytes(outgoing));
    const delivery = await post(netopia, protocol, outgoing, "manual", input.faults, pos.options.ipnTimeoutMs);
    keep?.(delivery);
    return c.json({ ...asBytes(outgoing), delivery });
  });
}
