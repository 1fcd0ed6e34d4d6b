// A new invoice.
import type { Metadata } from "next";
import { InvoiceEditor } from "../../../../components/merchant/invoice-editor.tsx";
import { PageHead } from "../../../../components/ui/page-head.tsx";
import { enter } from "../../ask.ts";
import { speak } from "../../speak.ts";
import { changeInvoice, createInvoice } from "../actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("editor.newTitle") };
}

export default async function Page() {
  const { say, zone, member } = await enter("/invoices/new");
  return (
    <>
      <PageHead title={say("editor.newTitle")} back={{ href: "/invoices", label: say("nav.invoices") }} />
      <InvoiceEditor shops={member.points_of_sale} zone={zone} create={createInvoice} change={changeInvoice} />
    </>
  );
}
