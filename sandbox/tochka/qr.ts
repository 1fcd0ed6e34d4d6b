// SBP codes and the payments made with them.
import type { Job } from "../schedule.ts";
import { sbpClaims } from "./events.ts";
import { takeFaults } from "./faults.ts";
import { makeCode, makeNumber } from "./ids.ts";
import { announce } from "./notify.ts";
import { notAllowed, pay, payable } from "./operation.ts";
import type { Operation, Qr, SbpPayment } from "./state.ts";
import type { From, Tochka } from "./tochka.ts";

const jobKind = "tochka-sbp";

/** Tells the schedule how payments of codes walk on. */
export function handleSbpSteps(tochka: Tochka): void {
  tochka.schedule.handle(jobKind, async (job: Job) => {
    const qr = tochka.state.qrs.find(({ qrcId }) => qrcId === job.data.qr);
    const payment = qr?.payments.find(({ trxId }) => trxId === job.data.trx);
    // A button may have been quicker.
    if (qr && payment && payment.status === job.data.from && !payment.stuck)
      await step(tochka, qr, payment, "background");
  });
}

/** Makes a code. */
export function createQr(
  tochka: Tochka,
  input: Omit<Qr, "qrcId" | "payload" | "createdAt" | "expiresAt" | "status" | "payments" | "returnedAt">,
): Qr {
  const { state, clock } = tochka;
  const qrcId = `${input.qrcType === "01" ? "AS" : "AD"}${makeCode(state, "qr", 30)}`;
  // The query is part of the address, as at the real one: whoever rebuilds it from the id loses it.
  const sum = input.amount === null ? "" : `&sum=${input.amount}&cur=RUB`;
  const payload = `${tochka.origin}/tochka/qr/${qrcId}?type=${input.qrcType}&bank=100000000284${sum}&crc=${makeCode(state, "crc", 4)}`;
  const qr: Qr = {
    ...input,
    qrcId,
    payload,
    createdAt: clock.now(),
    expiresAt: input.ttl === null ? null : clock.now() + input.ttl * 60_000,
    status: "Active",
    payments: [],
    returnedAt: null,
  };
  state.qrs.push(qr);
  tochka.changed();
  return qr;
}

/** The code of a link: one for all its visits. */
export function qrOfLink(tochka: Tochka, operation: Operation): Qr {
  const known = tochka.state.qrs.find(({ operationId }) => operationId === operation.operationId);
  if (known) return known;
  const tsp = tochka.state.tsps.find(({ customerCode }) => customerCode === operation.customerCode);
  const qr = createQr(tochka, {
    clientId: operation.clientId,
    customerCode: operation.customerCode,
    merchantId: tsp?.merchantId ?? "MF0000000000",
    legalId: tsp?.legalId ?? "",
    accountId: "",
    qrcType: "02",
    amount: operation.amount,
    paymentPurpose: operation.purpose,
    ttl: operation.ttl,
    redirectUrl: null,
    sourceName: null,
    operationId: operation.operationId,
    sent: "",
  });
  qr.expiresAt = operation.expiresAt;
  operation.qrcId = qr.qrcId;
  return qr;
}

/** A payment under way, or one that has ended well: another cannot be begun on a dynamic code. */
export const taken = (qr: Qr): SbpPayment | undefined =>
  qr.qrcType === "01" ? undefined : qr.payments.find(({ status }) => status !== "Rejected");

/** Why a payer's bank would refuse the code now. */
export function qrProblem(tochka: Tochka, qr: Qr): "expired" | "taken" | "suspended" | undefined {
  const link = tochka.state.operations.find(({ operationId }) => operationId === qr.operationId);
  if (qr.expiresAt !== null && qr.expiresAt <= tochka.clock.now()) return "expired";
  if (taken(qr) || (link && !payable(link))) return "taken";
  const tsp = tochka.state.tsps.find(({ merchantId }) => merchantId === qr.merchantId);
  return tsp?.status === "Suspended" || qr.status === "Suspended" ? "suspended" : undefined;
}

/** The payer confirms, or the bank rejects: the payment is Received and walks on by the clock. */
export async function beginPayment(
  tochka: Tochka,
  qr: Qr,
  input: { ends: SbpPayment["ends"]; bank: string; amount?: number | undefined },
  from: From,
): Promise<SbpPayment> {
  const problem = qrProblem(tochka, qr);
  if (problem) throw notAllowed(`the code is ${problem}`);
  const amount = qr.amount ?? input.amount;
  if (amount === undefined) throw notAllowed("the code has no sum: say one");
  const { state, clock } = tochka;
  const payment: SbpPayment = {
    trxId: `A${makeCode(state, "trx", 31)}`,
    refTransactionId: makeCode(state, "ref", 32),
    amount,
    status: "Received",
    ends: input.ends,
    bank: input.bank,
    payerName: "Пётр Петрович П",
    payerPhone: `+7999${makeNumber(state, 1_000_000)}`,
    at: clock.now(),
    endedAt: null,
    stuck: false,
    message: "",
  };
  qr.payments.push(payment);
  tochka.changed();
  if (state.options.sbpStepSeconds === 0) {
    await step(tochka, qr, payment, from);
    if (!payment.stuck) await step(tochka, qr, payment, from);
  } else {
    later(tochka, qr, payment);
  }
  return payment;
}

function later(tochka: Tochka, qr: Qr, payment: SbpPayment): void {
  const now = tochka.clock.now();
  for (const [i, from] of (["Received", "InProgress"] as const).entries()) {
    const dueAt = now + (i + 1) * tochka.state.options.sbpStepSeconds * 1000;
    const data = { qr: qr.qrcId, trx: payment.trxId, from };
    tochka.schedule.add({ dueAt, kind: jobKind, lane: `tochka ${qr.qrcId}`, data });
  }
}

/** One step on: Received, InProgress, the end. */
export async function step(tochka: Tochka, qr: Qr, payment: SbpPayment, from: From): Promise<void> {
  if (payment.status === "Received") {
    payment.status = "InProgress";
    const where = { client: qr.clientId, customerCode: qr.customerCode, references: [qr.qrcId, qr.operationId] };
    const stuck = takeFaults(tochka.state, where, ["sbp"]).length > 0;
    tochka.changed();
    if (stuck) payment.stuck = true;
    return;
  }
  if (payment.status === "InProgress") await endPayment(tochka, qr, payment, payment.ends, from);
}

/** Ends a payment, wherever it is. */
export async function endPayment(
  tochka: Tochka,
  qr: Qr,
  payment: SbpPayment,
  ends: SbpPayment["ends"],
  from: From,
): Promise<void> {
  if (payment.endedAt !== null) return;
  payment.status = ends;
  payment.endedAt = tochka.clock.now();
  payment.message = ends === "Accepted" ? "" : "Операция отклонена банком плательщика";
  tochka.changed();
  if (ends !== "Accepted") return;
  const link = tochka.state.operations.find(({ operationId }) => operationId === qr.operationId);
  if (link) {
    await pay(tochka, link, "sbp", from, { sbp: { payment, qr } });
    if (!tochka.state.options.sbpEventForLinks) return;
  }
  const brand = tochka.state.tsps.find(({ merchantId }) => merchantId === qr.merchantId)?.brandName ?? "";
  const claims = sbpClaims(qr, payment, brand);
  const { customerCode, qrcId } = qr;
  await announce(
    tochka,
    { event: "incomingSbpPayment", customerCode, subject: qrcId, reference: payment.trxId, claims },
    from,
  );
}
