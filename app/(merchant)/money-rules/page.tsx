// Rules for money that nobody is looking at: what happens with a hold at its end, and which refunds need a second person.
import type { Metadata } from "next";
import { MoneyRulesForm } from "../../../components/merchant/money-rules-form.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { enter, need } from "../ask.ts";
import { speak } from "../speak.ts";
import { saveMoneyRules } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.moneyRules") };
}

export default async function Page() {
  const { say, edge, can } = await enter("/money-rules");
  const rules = await need("/money-rules", edge.v1.merchant["money-rules"].$get());
  return (
    <>
      <PageHead title={say("nav.moneyRules")} text={say("rules.text")} />
      <MoneyRulesForm rules={rules} isAllowed={can("settings:write")} save={saveMoneyRules} />
    </>
  );
}
