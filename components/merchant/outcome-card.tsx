// The card in which a merchant sees what each outcome of an invoice leads to, and configures it.
import { OutcomeMapping } from "./outcome-mapping.tsx";
import type { Say } from "./say.ts";

export function OutcomeCard({ say, ...mapping }: { say: Say } & Parameters<typeof OutcomeMapping>[0]) {
  return (
    <section className="card space-y-4 p-5 sm:p-6" aria-labelledby="mapping">
      <div className="space-y-1">
        <h2 id="mapping" className="text-lg font-semibold">
          {say("statuses.mapping")}
        </h2>
        <p className="text-[0.9375rem] text-quiet">{say("statuses.mappingOne")}</p>
      </div>
      <OutcomeMapping {...mapping} />
    </section>
  );
}
