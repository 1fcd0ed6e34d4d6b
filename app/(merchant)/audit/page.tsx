// Who changed what, newest first: the change itself stands folded under each line.
import type { Metadata } from "next";
import Link from "next/link";
import { formatMoment } from "../../../components/merchant/moment.ts";
import { wordsOf } from "../../../components/merchant/states.tsx";
import { EmptyState } from "../../../components/ui/empty-state.tsx";
import { Icon } from "../../../components/ui/icon.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { Pager } from "../../../components/ui/pager.tsx";
import { enter, need, one } from "../ask.ts";
import { speak } from "../speak.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.audit") };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** The key of an action's words. */
const auditKey = (action: string) => `audit.actions.${action.replace(".", "_")}`;

const addressOf = (subject: string | undefined, cursor?: string | null) => {
  const query = new URLSearchParams();
  if (subject) query.set("subject", subject);
  if (cursor) query.set("cursor", cursor);
  return query.size > 0 ? `/audit?${query}` : "/audit";
};

export default async function Page({ searchParams }: Props) {
  const query = await searchParams;
  const [cursor, subject] = [one(query.cursor), one(query.subject)];
  const path = addressOf(subject, cursor);
  const { say, locale, zone, edge } = await enter(path);
  const list = await need(path, edge.v1.audit.$get({ query: { cursor, subject, limit: "25" } as never }));
  const whoOf = (actor: string, name: string | null) => {
    const [kind = "", id = ""] = actor.split(":");
    const word = kind === "processor" ? wordsOf(say, `processors.${id}`) : wordsOf(say, `actors.${kind}`);
    return name ? `${name} · ${word}` : word;
  };
  return (
    <>
      <PageHead title={say("nav.audit")} text={say("audit.text")} />
      {subject && (
        <p className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-1 text-[0.9375rem]">
          <span className="[overflow-wrap:anywhere]">{say("audit.forSubject", { subject })}</span>
          <Link href="/audit" prefetch={false} className="link">
            {say("audit.all")}
          </Link>
        </p>
      )}
      <section className="card overflow-hidden" aria-label={say("nav.audit")}>
        {list.data.length === 0 ? (
          <EmptyState icon="clock" title={say("audit.emptyTitle")} text={say("audit.emptyText")} />
        ) : (
          <ul className="divide-y divide-line">
            {list.data.map((entry) => (
              <li key={entry.id} className="space-y-1.5 px-4 py-3.5 sm:px-5">
                <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5">
                  <p className="min-w-0">
                    <span className="font-semibold">{wordsOf(say, auditKey(entry.action))}</span>{" "}
                    <code className="text-[0.8125rem] text-quiet [overflow-wrap:anywhere]">{entry.action}</code>
                    <span className="block text-[0.9375rem]">{whoOf(entry.actor, entry.actor_name)}</span>
                  </p>
                  <time dateTime={entry.at} className="text-sm text-quiet">
                    {formatMoment(entry.at, locale, zone)}
                  </time>
                </div>
                <p className="text-sm">
                  <Link
                    href={addressOf(entry.subject)}
                    prefetch={false}
                    className="link font-mono [overflow-wrap:anywhere]"
                  >
                    {entry.subject}
                  </Link>
                </p>
                {(entry.before !== null || entry.after !== null) && (
                  <details className="group">
                    <summary className="-mx-1.5 inline-flex min-h-8 cursor-pointer list-none items-center gap-1 rounded-md px-1.5 text-sm font-medium text-accent hover:bg-sunken [&::-webkit-details-marker]:hidden">
                      <Icon
                        name="chevron"
                        size={16}
                        className="transition-transform group-open:rotate-90 motion-reduce:transition-none"
                      />
                      {say("audit.show")}
                    </summary>
                    <div className="mt-1.5 grid gap-3 sm:grid-cols-2">
                      <Side name={say("audit.before")} value={entry.before} nothing={say("audit.nothing")} />
                      <Side name={say("audit.after")} value={entry.after} nothing={say("audit.nothing")} />
                    </div>
                  </details>
                )}
              </li>
            ))}
          </ul>
        )}
        <Pager
          label={say("common.pages")}
          first={cursor ? { href: addressOf(subject), label: say("common.firstPage") } : null}
          next={list.next_cursor ? { href: addressOf(subject, list.next_cursor), label: say("common.nextPage") } : null}
        />
      </section>
    </>
  );
}

function Side({ name, value, nothing }: { name: string; value?: unknown; nothing: string }) {
  return (
    <div className="min-w-0 rounded-lg bg-sunken p-3 text-sm">
      <h3 className="mb-1 text-quiet">{name}</h3>
      {value === null || value === undefined ? (
        <p className="text-quiet">{nothing}</p>
      ) : (
        <pre className="font-mono text-[0.8125rem] whitespace-pre-wrap [overflow-wrap:anywhere]">
          {JSON.stringify(value, null, 2)}
        </pre>
      )}
    </div>
  );
}
