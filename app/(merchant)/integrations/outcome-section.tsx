// Invoice statuses on a connection's page: offered with the first connection, shown and edited with every later one.
import { OutcomeCard } from "../../../components/merchant/outcome-card.tsx";
import { enter, need } from "../ask.ts";
import { createStatus, saveMapping } from "../invoice-statuses/actions.ts";

export async function OutcomeSection({ path }: { path: string }) {
  const { say, edge, can } = await enter(path);
  if (!can("invoices:read")) return null;
  const [statuses, mapping] = await Promise.all([
    need(path, edge.v1["own-statuses"].$get()),
    need(path, edge.v1["outcome-statuses"].$get()),
  ]);
  return (
    <OutcomeCard
      say={say}
      mapping={mapping}
      statuses={statuses.data}
      isAllowed={can("settings:write")}
      isTime
      commands={{ saveMapping, createStatus }}
    />
  );
}
