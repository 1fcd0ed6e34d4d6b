// Putting a question to a processor so that it always ends in something to write down: also one that could not be put, or it
// would stay due for ever, before all that is due after it, and no alarm would ever be raised.

import type { Context } from "../context.ts";
import { type Connection, openConnection } from "../merchants/connections.ts";
import type { Fault, Observation } from "../processors/contract.ts";
import { fail, type Result } from "../result.ts";

/** What came of asking. */
export type Look =
  | { kind: "answered"; observations: number }
  | { kind: "cannot_ask" }
  | { kind: "fault"; fault: Fault };

/** The answer; null when nobody can be asked. `thrown` is why a question could not be put, for whoever logs. */
export type Asked = { answer: Result<Observation[], Fault> | null; thrown?: unknown };

/** Opens a connection and asks; what is thrown on the way (credentials that do not open) is an answer that did not come. */
export async function putQuestion(
  context: Context,
  connection: Connection,
  ask: (open: Awaited<ReturnType<typeof openConnection>>) => Promise<Asked["answer"]>,
): Promise<Asked> {
  try {
    return { answer: await ask(await openConnection(context, connection)) };
  } catch (thrown) {
    return { answer: fail({ kind: "unreachable", detail: "the question could not be put" }), thrown };
  }
}

/** What came of asking, once it is written down. Throws what kept the question from being put. */
export function lookOf({ answer, thrown }: Asked): Look {
  if (thrown !== undefined) throw thrown;
  if (!answer) return { kind: "cannot_ask" };
  return answer.ok ? { kind: "answered", observations: answer.value.length } : { kind: "fault", fault: answer.error };
}
