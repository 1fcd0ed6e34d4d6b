// Payment links and their life: paid, held, captured, refunded, expired. What time does, `catchUp` does.
import { linkClaims } from "./events.ts";
import { takeFaults } from "./faults.ts";
import { makeCode, makeNumber, makeUuid } from "./ids.ts";
import { announce } from "./notify.ts";
import { ApiError, invalid } from "./reply.ts";
import type { Method, Operation, OrderRow, Qr, Receipt, Refund, SbpPayment } from "./state.ts";
import type { From, Tochka } from "./tochka.ts";

/** What the state of a thing does not allow. */
export const notAllowed = (why: string): ApiError =>
  new ApiError(400, [{ errorCode: "Operation Not Allowed", message: why }]);

export type OperationInput = {
  customerCode: string;
  merchantId: string;
  amount: number;
  purpose: string;
  paymentMode: Method[];
  ttl: number;
  paymentLinkId: string | null;
  redirectUrl: string | null;
  failRedirectUrl: string | null;
  preAuthorization: boolean;
  saveCard: boolean | null;
  consumerId: string | null;
  receipt: Receipt | null;
  sent: string;
};

/** Makes a link. */
export function createOperation(tochka: Tochka, clientId: string, input: OperationInput): Operation {
  const { state, clock } = tochka;
  const operationId = makeUuid(state, "operation");
  const operation: Operation = {
    ...input,
    operationId,
    uuid: state.options.linkUuid === "operation" ? operationId : makeUuid(state, "link"),
    clientId,
    status: "CREATED",
    createdAt: clock.now(),
    expiresAt: clock.now() + input.ttl * 60_000,
    paymentLinkId: input.paymentLinkId ?? makeNumber(state, 1000),
    paymentType: null,
    paymentId: null,
    transactionId: null,
    authorizedAt: null,
    paidAt: null,
    returnedAt: null,
    orders: [],
    refunds: [],
    tries: [],
    qrcId: null,
  };
  state.operations.push(operation);
  tochka.changed();
  return operation;
}

/** The hosted page of a link. */
export const pageAddress = (tochka: Tochka, operation: Operation): string =>
  `${tochka.origin}/tochka/order/?uuid=${operation.uuid}`;

function addRow(tochka: Tochka, operation: Operation, type: OrderRow["type"], amount: number, at: number): string {
  const orderId = makeNumber(tochka.state, 70_000_000);
  operation.orders.push({ orderId, type, amount, at });
  return orderId;
}

/** Everything that time alone has done to links and refunds. Nobody is told of any of it. */
export function catchUp(tochka: Tochka): void {
  const now = tochka.clock.now();
  for (const operation of tochka.state.operations) {
    const { status } = operation;
    if (status === "CREATED" && operation.expiresAt <= now) operation.status = "EXPIRED";
    const holdEnds = (operation.authorizedAt ?? 0) + tochka.state.options.holdSeconds * 1000;
    if (status === "AUTHORIZED" && holdEnds <= now) operation.status = "EXPIRED";
    for (const refund of operation.refunds) {
      if (refund.state === "running" && refund.dueAt !== null && refund.dueAt <= now) {
        endRefund(tochka, operation, refund, refund.ends === "done");
      }
    }
  }
  for (const refund of tochka.state.sbpRefunds) {
    if (refund.status === "Accepted" || refund.status === "Rejected") continue;
    if (refund.at < now) refund.status = "WaitingForAccept";
    if (refund.dueAt !== null && refund.dueAt <= now) refund.status = refund.ends;
  }
}

/** Money that may still be refunded, in kopecks. */
export const refundable = (operation: Operation): number =>
  operation.amount -
  operation.refunds.filter(({ state }) => state !== "failed").reduce((sum, { amount }) => sum + amount, 0);

function endRefund(tochka: Tochka, operation: Operation, refund: Refund, done: boolean): void {
  refund.state = done ? "done" : "failed";
  if (done) {
    operation.orders.push({
      orderId: refund.orderId,
      type: "refund",
      amount: refund.amount,
      at: refund.dueAt ?? tochka.clock.now(),
    });
  }
  const left = refundable(operation);
  operation.status = left === operation.amount ? "APPROVED" : left === 0 ? "REFUNDED" : "REFUNDED_PARTIALLY";
  tochka.changed();
}

/** Ends the refund that runs, by a button. */
export function settleRefund(tochka: Tochka, operation: Operation, done: boolean): void {
  const refund = operation.refunds.find(({ state }) => state === "running");
  if (!refund) throw notAllowed("no refund is running");
  refund.dueAt = tochka.clock.now();
  endRefund(tochka, operation, refund, done);
}

const tell = (tochka: Tochka, operation: Operation, from: From, sbp?: { payment: SbpPayment; qr: Qr }): Promise<void> =>
  announce(
    tochka,
    {
      event: "acquiringInternetPayment",
      customerCode: operation.customerCode,
      subject: operation.operationId,
      reference: operation.paymentLinkId,
      claims: linkClaims(operation, sbp),
    },
    from,
  );

/** Only open links can be paid; one that waits for instalments is paid by its end. */
export const payable = (operation: Operation): boolean =>
  operation.status === "CREATED" || operation.status === "WAIT_FULL_PAYMENT";

/** The payer paid: approved, or held when the link is two-stage and the method is a card. */
export async function pay(
  tochka: Tochka,
  operation: Operation,
  method: Method,
  from: From,
  more: { sbp?: { payment: SbpPayment; qr: Qr }; waits?: boolean } = {},
): Promise<void> {
  if (!payable(operation)) throw notAllowed(`operation is ${operation.status}`);
  const now = tochka.clock.now();
  operation.paymentType = method;
  if (more.waits) {
    operation.status = "WAIT_FULL_PAYMENT";
    operation.tries.push({ at: now, method, result: "waiting", reason: "" });
    tochka.changed();
    return;
  }
  const holds = operation.preAuthorization && method === "card";
  operation.tries.push({ at: now, method, result: holds ? "authorized" : "paid", reason: "" });
  if (method === "sbp") {
    operation.paymentId = more.sbp?.payment.trxId ?? makeCode(tochka.state, "trx", 32);
    operation.transactionId = more.sbp?.payment.trxId ?? operation.paymentId;
  }
  if (holds) {
    operation.status = "AUTHORIZED";
    operation.authorizedAt = now;
    addRow(tochka, operation, "authorized", operation.amount, now);
  } else {
    operation.status = "APPROVED";
    operation.paidAt = now;
    addRow(tochka, operation, "approval", operation.amount, now);
  }
  await tell(tochka, operation, from, more.sbp);
}

/** A declined try: the link stays as it is and nobody is told. */
export function decline(tochka: Tochka, operation: Operation, method: Method, reason: string): void {
  if (!payable(operation)) throw notAllowed(`operation is ${operation.status}`);
  operation.tries.push({ at: tochka.clock.now(), method, result: "declined", reason });
  tochka.changed();
}

/** Takes what is held. */
export async function capture(tochka: Tochka, operation: Operation, from: From): Promise<void> {
  if (operation.status !== "AUTHORIZED") throw notAllowed(`operation is ${operation.status}, not AUTHORIZED`);
  const now = tochka.clock.now();
  operation.status = "APPROVED";
  operation.paidAt = now;
  addRow(tochka, operation, "approval", operation.amount, now);
  await tell(tochka, operation, from);
}

/** Gives money back; null when the bank says no with isRefund false. */
export function refund(tochka: Tochka, operation: Operation, amount: number): Refund | null {
  const { state, clock } = tochka;
  const again = state.options.secondRefund === "allowed" && operation.status === "REFUNDED_PARTIALLY";
  if (operation.status !== "APPROVED" && !again) throw notAllowed(`operation is ${operation.status}, not APPROVED`);
  if (amount > refundable(operation)) throw invalid("Data.amount", "exceeds the amount of the payment");
  const struck = takeFaults(
    state,
    {
      client: operation.clientId,
      customerCode: operation.customerCode,
      references: [operation.operationId, operation.paymentLinkId],
      operation: "refund",
    },
    ["refund"],
  ).map(({ fault }) => fault);
  if (struck.includes("refund_refused")) return null;
  const made: Refund = {
    orderId: makeNumber(state, 70_000_000),
    amount,
    at: clock.now(),
    dueAt: struck.includes("refund_stuck") ? null : clock.now() + state.options.refundSeconds * 1000,
    ends: struck.includes("refund_fails") ? "failed" : "done",
    state: "running",
  };
  operation.refunds.push(made);
  operation.status = "ON-REFUND";
  tochka.changed();
  return made;
}

/** The end of a link's life, by a button. */
export function expire(tochka: Tochka, operation: Operation): void {
  if (operation.status === "CREATED") operation.expiresAt = tochka.clock.now();
  else if (operation.status !== "AUTHORIZED") throw notAllowed(`operation is ${operation.status}`);
  operation.status = "EXPIRED";
  tochka.changed();
}
