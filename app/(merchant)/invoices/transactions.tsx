// Reads and shows every attempt of an invoice: in the list's dialog, on the invoice's page, and what can be done on its
// timeline.
import { cache } from "react";
import { AttemptActions } from "../../../components/merchant/attempt-actions.tsx";
import { Attempts } from "../../../components/merchant/attempts.tsx";
import { HoldBox } from "../../../components/merchant/hold-box.tsx";
import { holdFactsOf } from "../../../components/merchant/hold-facts.ts";
import type { TimelineEvent } from "../../../components/merchant/shapes.ts";
import { enter, everyConnection, need } from "../ask.ts";
import { attemptCommands } from "./attempt-commands.ts";

/** Read once for a request, however many parts of the page show it. */
const readTransactions = cache(async (invoiceId: string, path: string) => {
  const { edge, zone, can, member } = await enter(path);
  const [attempts, connections, processors] = await Promise.all([
    need(path, edge.v1.invoices[":id"].attempts.$get({ param: { id: invoiceId } })),
    can("connections:read") ? everyConnection(path) : { data: [] },
    can("connections:read") ? need(path, edge.v1.processors.$get()) : { data: [] },
  ]);
  const adminUrls: Record<string, string> = Object.fromEntries(
    connections.data.flatMap((connection) => {
      const links = processors.data.find((processor) => processor.id === connection.processor)?.links;
      return links ? [[connection.id, connection.environment === "test" ? links.admin_test : links.admin]] : [];
    }),
  );
  return {
    attempts: attempts.data,
    refunds: attempts.refunds,
    people: attempts.people,
    now: attempts.now,
    zone,
    actor: member.actor,
    canLook: can("invoices:write"),
    canRefund: can("refunds:write"),
    canApprove: can("approvals:write"),
    adminUrls,
    commands: attemptCommands,
  };
});

export async function Transactions({ invoiceId, path }: { invoiceId: string; path: string }) {
  return <Attempts {...(await readTransactions(invoiceId, path))} />;
}

/** What can be done now, by the event that each attempt's news stands at. */
export async function timelineActions(invoiceId: string, path: string, events: TimelineEvent[]) {
  const known = await readTransactions(invoiceId, path);
  const actions = new Map<string, React.ReactNode>();
  for (const attempt of known.attempts) {
    const newest = events.findLast(
      (event) =>
        event.attempt_id === attempt.id && !event.type.startsWith("attention.") && event.type !== "refund.sent",
    );
    if (!newest) continue;
    const adminUrl = known.adminUrls[attempt.connection_id];
    actions.set(
      newest.id,
      <div className="mt-2 space-y-3">
        {attempt.state === "authorized" && (
          <HoldBox
            held={holdFactsOf(attempt)}
            zone={known.zone}
            now={known.now}
            canAct={known.canRefund}
            adminUrl={adminUrl}
            commands={attemptCommands}
            isBare
          />
        )}
        <AttemptActions
          attempt={attempt}
          refunds={known.refunds}
          canLook={known.canLook}
          canRefund={known.canRefund}
          adminUrl={adminUrl}
          commands={attemptCommands}
        />
      </div>,
    );
  }
  return actions;
}
