// The merchant's own statuses of invoices: the directory, and which of them each outcome leads to.
import type { Metadata } from "next";
import { OutcomeCard } from "../../../components/merchant/outcome-card.tsx";
import { StatusDirectory } from "../../../components/merchant/status-directory.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { enter, need } from "../ask.ts";
import { speak } from "../speak.ts";
import { changeStatus, createStatus, saveMapping } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.statuses") };
}

const PATH = "/invoice-statuses";

export default async function Page() {
  const { say, edge, can } = await enter(PATH);
  const [statuses, mapping] = await Promise.all([
    need(PATH, edge.v1["own-statuses"].$get()),
    need(PATH, edge.v1["outcome-statuses"].$get()),
  ]);
  const isAllowed = can("settings:write");
  return (
    <>
      <PageHead title={say("nav.statuses")} text={say("statuses.text")} />
      <div className="max-w-3xl space-y-5">
        <OutcomeCard
          say={say}
          mapping={mapping}
          statuses={statuses.data}
          isAllowed={isAllowed}
          isTime={false}
          commands={{ saveMapping, createStatus }}
        />
        <section className="card space-y-4 p-5 sm:p-6" aria-labelledby="directory">
          <h2 id="directory" className="text-lg font-semibold">
            {say("statuses.directory")}
          </h2>
          <StatusDirectory statuses={statuses.data} isAllowed={isAllowed} create={createStatus} change={changeStatus} />
        </section>
      </div>
    </>
  );
}
