// Where the link of a consent's mail leads: it says what is about to happen, and a press leads on. Opening alone does
// nothing, because programs that look into mails open links too.
import type { Metadata } from "next";
import { wordsOf } from "../../../../components/merchant/states.tsx";
import { Icon } from "../../../../components/ui/icon.tsx";
import { Notice } from "../../../../components/ui/notice.tsx";
import { one } from "../../../(merchant)/ask.ts";
import { speak } from "../../../(merchant)/speak.ts";
import { consentEdge } from "../../../edge.ts";
import { Sheet } from "../../sheet.tsx";

export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("connect.resultTitle"), referrer: "no-referrer", robots: { index: false } };
}

type Props = {
  params: Promise<{ token: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function Page({ params, searchParams }: Props) {
  const [{ say, locale }, { token }, query] = await Promise.all([speak(), params, searchParams]);
  const answer = await consentEdge(null).consent.links[":token"].$get({ param: { token } });
  const link = answer.ok ? await answer.json() : ({ state: "unknown" } as const);
  const fault = one(query.fault) === "processor_fault" ? "processor_fault" : null;
  if (link.state !== "open") {
    return (
      <Sheet title={say("connect.resultTitle")}>
        <Notice tone="bad">{say(`connect.open.${link.state}`)}</Notice>
      </Sheet>
    );
  }
  const processor = wordsOf(say, `processors.${link.processor}`);
  const until = new Intl.DateTimeFormat(locale, {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: link.time_zone,
  }).format(new Date(link.until));
  return (
    <Sheet title={say("connect.open.title", { processor })}>
      {fault && (
        <div role="alert">
          <Notice tone="bad">{say(`connect.open.${fault}`)}</Notice>
        </div>
      )}
      <p>{say("connect.open.text", { merchant: link.merchant, connection: link.connection })}</p>
      <div>
        <h2 className="text-sm font-semibold">{say("connect.open.permissions")}</h2>
        <ul className="mt-2 space-y-1.5">
          {link.permissions.map((id) => (
            <li key={id} className="flex gap-2 text-[0.9375rem]">
              <Icon name="check" size={16} className="mt-1 text-good" />
              <span>
                {wordsOf(say, `connect.permissions.${id}`)}
                <span className="block font-mono text-xs text-quiet">{id}</span>
              </span>
            </li>
          ))}
        </ul>
      </div>
      <form action={`/oauth/open/${token}/go`} method="post">
        <button type="submit" className="button button-primary w-full">
          {say("connect.open.go")}
          <Icon name="arrow" size={16} />
        </button>
      </form>
      <p className="text-sm text-quiet">{say("connect.open.until", { until })}</p>
    </Sheet>
  );
}
