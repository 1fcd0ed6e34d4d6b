// Invoice statuses on a connection's page: offered with the first connection, shown and edited with every later one.
import { OutcomeMapping } from "../../../components/merchant/outcome-mapping.tsx";
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
    <section className="card space-y-4 p-5 sm:p-6" aria-labelledby="statuses">
      <div className="space-y-1">
        <h2 id="statuses" className="text-lg font-semibold">
          {say("statuses.mapping")}
        </h2>
        <p className="text-[0.9375rem] text-quiet">{say("statuses.mappingOne")}</p>
      </div>
      <OutcomeMapping
        mapping={mapping}
        statuses={statuses.data}
        isAllowed={can("settings:write")}
        isTime
        commands={{ saveMapping, createStatus }}
      />
    </section>
  );
}
