// What a member may do with an attempt and its refunds; the screens hand these in.
import type { Outcome } from "./outcome.ts";

type Given = { attemptId: string; amountMinor: number; reason: string; key: string };

export type AttemptCommands = {
  look(id: string): Promise<Outcome<{ outcome: "answered" | "cannot_ask" | "fault" }>>;
  refund(input: Given): Promise<Outcome>;
  recordRefund(input: Given & { reference: string }): Promise<Outcome>;
  approveRefund(id: string): Promise<Outcome>;
  refuseRefund(id: string, note: string): Promise<Outcome>;
  giveUpRefund(id: string, note: string): Promise<Outcome>;
  retryRefund(id: string): Promise<Outcome>;
  capture(id: string, amountMinor: number, key: string): Promise<Outcome>;
  release(id: string, key: string): Promise<Outcome>;
};
