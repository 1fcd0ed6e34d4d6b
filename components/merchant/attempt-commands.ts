// What a member may do with an attempt; the screens hand these in.
import type { Outcome } from "./outcome.ts";

export type AttemptCommands = {
  look(id: string): Promise<Outcome<{ outcome: "answered" | "cannot_ask" | "fault" }>>;
  refund(input: { attemptId: string; amountMinor: number; reason: string; key: string }): Promise<Outcome>;
  capture(id: string, amountMinor: number, key: string): Promise<Outcome>;
  release(id: string, key: string): Promise<Outcome>;
};
