// What a consent came to, for a browser that is not signed in here.
import type { Metadata } from "next";
import Link from "next/link";
import { Notice } from "../../../components/ui/notice.tsx";
import { one } from "../../(merchant)/ask.ts";
import { speak } from "../../(merchant)/speak.ts";
import { Sheet } from "../sheet.tsx";

export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("connect.resultTitle") };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function Page({ searchParams }: Props) {
  const [{ say }, query] = await Promise.all([speak(), searchParams]);
  const asked = one(query.outcome) ?? "";
  const outcome = say.has(`connect.outcomes.${asked}`) ? asked : "failed";
  return (
    <Sheet title={say("connect.resultTitle")}>
      <Notice tone={outcome === "granted" ? "good" : outcome === "incomplete" ? "warn" : "bad"}>
        {say(`connect.outcomes.${outcome}`)}
      </Notice>
      <Link href="/integrations" prefetch={false} className="button button-primary w-full">
        {say("connect.back")}
      </Link>
    </Sheet>
  );
}
