// Consents: what an application asks for, what a merchant ticked, and what is left of it.
import { z } from "zod";
import { makeUuid, utcTime } from "./ids.ts";
import { type Permission, permissions } from "./permissions.ts";
import { ApiError, invalid, missing } from "./reply.ts";
import type { Consent, Token } from "./state.ts";
import type { Tochka } from "./tochka.ts";

const consentInput = z.object({ permissions: z.array(z.string()).min(1), expirationDateTime: z.string().optional() });

/** Makes a consent from a call's Data. */
export function createConsent(tochka: Tochka, token: Token, data: unknown): Consent {
  const read = consentInput.safeParse(data);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw invalid(`Data.${issue?.path.join(".") ?? ""}`, issue?.message ?? "is wrong");
  }
  const unknown = read.data.permissions.find((word) => !permissions.some((known) => known === word));
  if (unknown !== undefined) {
    throw invalid("Data.permissions", `value ${unknown} is not permitted, must be one of: ${permissions.join(", ")}`);
  }
  const { expirationDateTime } = read.data;
  const expiresAt = expirationDateTime === undefined ? null : Date.parse(expirationDateTime);
  if (expirationDateTime !== undefined && !/(Z|[+-]\d\d:\d\d)$/.test(expirationDateTime)) {
    throw invalid("Data.expirationDateTime", "must be a date-time with an offset");
  }
  const now = tochka.clock.now();
  if (expiresAt !== null && !(expiresAt > now)) throw invalid("Data.expirationDateTime", "must be in the future");
  const consent: Consent = {
    consentId: makeUuid(tochka.state, "consent"),
    clientId: token.clientId,
    status: "AwaitingAuthorisation",
    asked: [...new Set(read.data.permissions)] as Permission[],
    scope: token.scope,
    createdAt: now,
    updatedAt: now,
    expiresAt,
    granted: {},
    children: [],
  };
  tochka.state.consents.push(consent);
  tochka.changed();
  return consent;
}

/** Notes what the merchant ticked. */
export function authorise(tochka: Tochka, consent: Consent, granted: Record<string, Permission[]>): void {
  consent.status = "Authorised";
  consent.granted = granted;
  consent.updatedAt = tochka.clock.now();
  consent.children = Object.keys(granted).map((customerCode) => ({
    consentId: makeUuid(tochka.state, "child"),
    customerCode,
  }));
  tochka.changed();
}

/** Ends a consent. */
export function closeConsent(tochka: Tochka, consent: Consent, status: "Rejected" | "Revoked"): void {
  consent.status = status;
  consent.updatedAt = tochka.clock.now();
  tochka.changed();
}

/** Whether a consent opens anything now. */
export const inForce = (tochka: Tochka, consent: Consent): boolean =>
  consent.status === "Authorised" && (consent.expiresAt === null || consent.expiresAt > tochka.clock.now());

/** Consent of an id, for a client. */
export function consentOf(tochka: Tochka, clientId: string, consentId: string): Consent {
  const found = tochka.state.consents.find(
    (consent) => consent.consentId === consentId && consent.clientId === clientId,
  );
  if (!found) throw missing("Consents");
  return found;
}

/** A consent as the API shows it. */
export function shownConsent(tochka: Tochka, consent: Consent, inList = false): Record<string, unknown> {
  const client = tochka.state.clients.find(({ clientId }) => clientId === consent.clientId);
  const first = Object.keys(consent.granted)[0];
  const granted = Object.values(consent.granted).flat();
  return {
    permissions: consent.status === "Authorised" ? consent.asked.filter((one) => granted.includes(one)) : consent.asked,
    consentId: consent.consentId,
    status: consent.status,
    creationDateTime: utcTime(consent.createdAt),
    statusUpdateDateTime: utcTime(consent.updatedAt),
    ...(consent.expiresAt === null ? {} : { expirationDateTime: utcTime(consent.expiresAt) }),
    ...(first === undefined ? {} : { customerCode: first }),
    applicationName: (client?.name ?? "").slice(0, 60),
    clientId: consent.clientId,
    ...(inList ? { isValid: consent.expiresAt === null || consent.expiresAt > tochka.clock.now() } : {}),
  };
}

/** The consents under a consent: one per company, with what was ticked there. */
export const shownChildren = (tochka: Tochka, consent: Consent): Record<string, unknown>[] =>
  consent.children.map(({ consentId, customerCode }) => ({
    ...shownConsent(tochka, consent),
    consentId,
    customerCode,
    permissions: consent.granted[customerCode] ?? [],
  }));

/** Consents are an application's business: neither keys nor strangers. */
export function mustBeApplication(token: Token): void {
  if (token.kind === "jwt") throw new ApiError(501, [{ errorCode: "Not Implemented", message: "Not for this token" }]);
}
