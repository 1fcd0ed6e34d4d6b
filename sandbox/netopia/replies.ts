// Judges the merchant's answer to a notification by the rules of either protocol.
import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { Answer } from "../node-http.ts";
import type { Verdict } from "./state.ts";

export type Judgement = { verdict: Verdict; reason: string };

/** v1: HTTP 200 with one `crc` element; error_type 1 means again, 2 means never again. */
export function judgeV1(answer: Answer): Judgement {
  if (answer.status !== 200) return { verdict: "retry", reason: `HTTP ${answer.status}` };
  const text = answer.text.trim();
  if (/<!DOCTYPE/i.test(text) || XMLValidator.validate(text) !== true) {
    return { verdict: "retry", reason: "the answer is not well-formed XML" };
  }
  const parsed: unknown = new XMLParser({
    ignoreAttributes: false,
    parseTagValue: false,
    parseAttributeValue: false,
  }).parse(text);
  const root = parsed as Record<string, unknown>;
  if (!("crc" in root)) return { verdict: "retry", reason: "the answer's root is not crc" };
  const crc = root.crc;
  const attributes = typeof crc === "object" && crc !== null ? (crc as Record<string, unknown>) : {};
  const type = attributes["@_error_type"];
  const code = attributes["@_error_code"];
  const words = String(attributes["#text"] ?? "");
  if (type === "2") return { verdict: "stop", reason: `permanent error ${String(code)}: ${words}` };
  if (type === "1") return { verdict: "retry", reason: `temporary error ${String(code)}: ${words}` };
  if (type === undefined && (code === undefined || code === "0")) return { verdict: "accepted", reason: "" };
  if (code === "0") return { verdict: "accepted", reason: "" };
  return { verdict: "retry", reason: `error_code ${String(code)} without a known error_type` };
}

const invalid = "IDS_Model_Purchase_Sms_Online_INVALID_RESPONSE";

/** v2: HTTP 200 with a JSON object whose errorCode is the number 0; errorType 2 means never again. */
export function judgeV2(answer: Answer): Judgement {
  if (answer.status !== 200) return { verdict: "retry", reason: `${invalid}_STATUS: HTTP ${answer.status}` };
  let parsed: unknown;
  try {
    parsed = JSON.parse(answer.text);
  } catch {
    return { verdict: "retry", reason: `${invalid}_BODY: not JSON` };
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return { verdict: "retry", reason: `${invalid}_FORMAT: not an object` };
  }
  const { errorType, errorCode, errorMessage } = parsed as Record<string, unknown>;
  if (errorType === 2) return { verdict: "stop", reason: `permanent: ${String(errorMessage ?? "")}` };
  if (typeof errorCode !== "number") return { verdict: "retry", reason: `${invalid}_FORMAT: errorCode is no number` };
  if (errorCode !== 0) return { verdict: "retry", reason: `errorCode ${errorCode}: ${String(errorMessage ?? "")}` };
  if (errorType !== undefined && errorType !== 0) {
    return { verdict: "retry", reason: `errorType ${String(errorType)}: ${String(errorMessage ?? "")}` };
  }
  return { verdict: "accepted", reason: "" };
}
