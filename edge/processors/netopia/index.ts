// NETOPIA Payments: the adapter that the registry names, joining its two protocols.

import { createHash } from "node:crypto";
import { fail } from "../../result.ts";
import type { CallContext, Notification, NotificationRequest, Processor } from "../contract.ts";
import type { NetopiaCredentials, V1Credentials, V2Credentials } from "./credentials.ts";
import { descriptor } from "./descriptor.ts";
import { checkV1, startV1 } from "./v1.ts";
import { readV1Notification } from "./v1-notification.ts";
import { captureV2, checkV2, queryV2, refundV2, startV2, voidV2 } from "./v2.ts";
import { readV2Notification } from "./v2-notification.ts";

/** The adapter. Functions that no protocol declares in the descriptor are absent. */
export const netopia: Processor<NetopiaCredentials> = {
  descriptor,
  variantOf: (credentials) => credentials.protocol,
  startAttempt: async (input, context) =>
    byProtocol(
      context,
      (v1) => startV1(input, v1),
      (v2) => startV2(input, v2),
    ),
  queryAttempt: async (attempt, context) => byProtocol(context, onlyByHand, (v2) => queryV2(attempt, v2)),
  refundCapture: async (refund, context) => byProtocol(context, onlyByHand, (v2) => refundV2(refund, v2)),
  ...(descriptor.variants.v2?.capture.byApi ? { captureAuthorization } : {}),
  ...(descriptor.variants.v2?.void.byApi ? { voidAuthorization } : {}),
  checkCredentials: async (probe, context) =>
    byProtocol(
      context,
      (v1) => checkV1(probe, v1),
      (v2) => checkV2(probe, v2),
    ),
  readNotification: async (request, context) => {
    try {
      return byProtocol(
        context,
        (v1) => readV1Notification(request, v1),
        (v2) => readV2Notification(request, v2),
      );
    } catch {
      return unreadable(request);
    }
  },
};

type Context = CallContext<NetopiaCredentials>;

async function captureAuthorization(input: Parameters<typeof captureV2>[0], context: Context) {
  return byProtocol(context, onlyByHand, (v2) => captureV2(input, v2));
}

async function voidAuthorization(attempt: Parameters<typeof voidV2>[0], context: Context) {
  return byProtocol(context, onlyByHand, (v2) => voidV2(attempt, v2));
}

/** v1 has neither query nor refund without a console user's password: staff act there and IPNs tell (A7). */
function onlyByHand() {
  return fail({ kind: "unsupported", detail: "only_in_the_console" } as const);
}

/** Gives the context, with its credentials known to be of one protocol, to that protocol's function. */
function byProtocol<X extends { credentials: NetopiaCredentials }, A, B>(
  context: X,
  v1: (context: Omit<X, "credentials"> & { credentials: V1Credentials }) => A,
  v2: (context: Omit<X, "credentials"> & { credentials: V2Credentials }) => B,
): A | B {
  const { credentials } = context;
  return credentials.protocol === "v1" ? v1({ ...context, credentials }) : v2({ ...context, credentials });
}

/** The last net under readNotification, which never throws: by construction nothing should get here. */
function unreadable(request: NotificationRequest): Notification {
  const reply = { status: 500, headers: { "content-type": "text/plain" }, body: "" };
  return {
    trust: "rejected",
    reason: "unreadable",
    dedupeKey: `rejected:${createHash("sha256").update(request.body).digest("hex")}`,
    observations: [],
    lookNow: false,
    replies: { stored: { ...reply, status: 200 }, retry: reply, refused: { ...reply, status: 400 } },
    advised: "retry",
  };
}
