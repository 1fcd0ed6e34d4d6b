// The one way from a payment to its processor. It always ends in something to write down: also a call that could not be made,
// or what waits for its end would stay due for ever, before all that is due after it, and no alarm would ever be raised.

import type { Context } from "../context.ts";
import { log } from "../log.ts";
import { type Connection, type OpenConnection, openConnection } from "../merchants/connections.ts";
import type { Fault } from "../processors/contract.ts";
import { fail, type Result } from "../result.ts";

/**
 * Opens a connection and calls its processor.
 * @param call null when the processor has no such call
 * @returns the answer; `unreachable` when the connection does not open (nothing happened there), `outcome_unknown` when the
 *   adapter threw: nobody knows how far it came
 */
export async function callProcessor<Answer extends Result<unknown, Fault> | null>(
  context: Context,
  connection: Connection,
  call: (open: OpenConnection) => Promise<Answer>,
): Promise<Answer | { ok: false; error: Fault }> {
  let open: OpenConnection;
  try {
    open = await openConnection(context, connection);
  } catch (error) {
    log("error", "connection does not open", { connectionId: connection.id, error });
    return fail({ kind: "unreachable", detail: "connection_does_not_open" });
  }
  try {
    return await call(open);
  } catch (error) {
    log("error", "call failed", { connectionId: connection.id, processor: connection.processor, error });
    return fail({ kind: "outcome_unknown", detail: "call_failed" });
  }
}
