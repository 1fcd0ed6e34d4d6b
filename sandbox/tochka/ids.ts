// Ids from a seed and a counter, so that a run can be repeated exactly.
import { createHash } from "node:crypto";
import type { TochkaState } from "./state.ts";

type Counted = Pick<TochkaState, "seed" | "count">;

function bytes(state: Counted, kind: string): Buffer {
  state.count += 1;
  return createHash("sha512").update(`${state.seed} ${kind} ${state.count}`).digest();
}

/** A UUID of version 4's shape. */
export function makeUuid(state: Counted, kind: string): string {
  const raw = bytes(state, kind).subarray(0, 16);
  raw[6] = ((raw[6] ?? 0) & 0x0f) | 0x40;
  raw[8] = ((raw[8] ?? 0) & 0x3f) | 0x80;
  return raw.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Capital letters and digits. */
export function makeCode(state: Counted, kind: string, length: number): string {
  const letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  const raw = bytes(state, kind);
  return Array.from({ length }, (_, i) => letters[(raw[i % raw.length] ?? 0) % letters.length]).join("");
}

/** A long secret. */
export const makeSecret = (state: Counted, kind: string): string => bytes(state, kind).toString("base64url");

/** The next number of a row that starts at `first`, as decimal text. */
export function makeNumber(state: Counted, first: number): string {
  state.count += 1;
  return String(first + state.count);
}

const offset = 3 * 3_600_000;

/** ISO 8601 with Moscow's offset. */
export const moscowTime = (epochMs: number): string =>
  new Date(epochMs + offset).toISOString().replace(/\.\d+Z$/, "+03:00");

/** ISO 8601 in UTC, written with an offset. */
export const utcTime = (epochMs: number): string => new Date(epochMs).toISOString().replace(/\.\d+Z$/, "+00:00");

/** The bank's day of an instant. */
export const moscowDate = (epochMs: number): string => moscowTime(epochMs).slice(0, 10);
