// Reads and shows every attempt of an invoice: in the list's dialog and on the invoice's page alike.
import { Attempts } from "../../../components/merchant/attempts.tsx";
import { enter, need } from "../ask.ts";
import { attemptCommands } from "./attempt-commands.ts";

export async function Transactions({ invoiceId, path }: { invoiceId: string; path: string }) {
  const { edge, zone, can } = await enter(path);
  const [attempts, connections, processors] = await Promise.all([
    need(path, edge.v1.invoices[":id"].attempts.$get({ param: { id: invoiceId } })),
    can("connections:read") ? need(path, edge.v1.connections.$get()) : { data: [] },
    can("connections:read") ? need(path, edge.v1.processors.$get()) : { data: [] },
  ]);
  const adminUrls = Object.fromEntries(
    connections.data.flatMap((connection) => {
      const links = processors.data.find((processor) => processor.id === connection.processor)?.links;
      return links ? [[connection.id, connection.environment === "test" ? links.admin_test : links.admin]] : [];
    }),
  );
  return (
    <Attempts
      attempts={attempts.data}
      refunds={attempts.refunds}
      zone={zone}
      canLook={can("invoices:write")}
      canRefund={can("refunds:write")}
      adminUrls={adminUrls}
      commands={attemptCommands}
    />
  );
}
