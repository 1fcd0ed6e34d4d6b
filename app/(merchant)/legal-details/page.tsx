// The company's legal details (requisites).
import type { Metadata } from "next";
import { LegalForm } from "../../../components/merchant/legal-form.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { enter, need } from "../ask.ts";
import { speak } from "../speak.ts";
import { saveLegalDetails } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.legal") };
}

export default async function Page() {
  const { say, can, edge } = await enter("/legal-details");
  const { id: _, ...legal } = await need("/legal-details", edge.v1.merchant.$get());
  return (
    <>
      <PageHead title={say("nav.legal")} text={say("legal.text")} />
      <LegalForm
        details={{ ...legal, phone: legal.phone ?? "", offer_url: legal.offer_url ?? "" }}
        isAllowed={can("settings:write")}
        save={saveLegalDetails}
      />
    </>
  );
}
