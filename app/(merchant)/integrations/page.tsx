// Integrations: which processors there are, and how far each has come.
import type { Metadata } from "next";
import Link from "next/link";
import { StateBadge } from "../../../components/merchant/states.tsx";
import { Icon } from "../../../components/ui/icon.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { enter, need } from "../ask.ts";
import { speak } from "../speak.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.integrations") };
}

/** Processors that have a guide of their own here. */
const GUIDED = new Set(["netopia"]);

export default async function Page() {
  const { say, edge } = await enter("/integrations");
  const [processors, connections] = await Promise.all([
    need("/integrations", edge.v1.processors.$get()),
    need("/integrations", edge.v1.connections.$get()),
  ]);
  return (
    <>
      <PageHead title={say("nav.integrations")} text={say("integrations.text")} />
      <ul className="grid gap-4 sm:grid-cols-2">
        {processors.data
          .filter((processor) => GUIDED.has(processor.id))
          .map((processor) => {
            const own = connections.data.filter((connection) => connection.processor === processor.id);
            const status =
              own.find((connection) => connection.status === "verified")?.status ?? own[0]?.status ?? "none";
            return (
              <li key={processor.id} className="card relative space-y-3 p-5 hover:border-accent">
                <div className="flex items-start justify-between gap-3">
                  <span className="grid size-11 place-items-center rounded-xl bg-accent-soft text-accent">
                    <Icon name="card" size={24} />
                  </span>
                  <StateBadge say={say} of="connection" state={status} />
                </div>
                <h2 className="text-lg font-semibold">
                  <Link
                    href={`/integrations/${processor.id}`}
                    prefetch={false}
                    className="after:absolute after:inset-0"
                  >
                    {say(`processors.${processor.id}`)}
                  </Link>
                </h2>
                <p className="text-quiet">{say(`integrations.about.${processor.id}`)}</p>
              </li>
            );
          })}
      </ul>
    </>
  );
}
