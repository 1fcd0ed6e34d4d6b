// Changing an invoice.
import type { Metadata } from "next";
import { InvoiceEditor } from "../../../../../components/merchant/invoice-editor.tsx";
import { PageHead } from "../../../../../components/ui/page-head.tsx";
import { enter, need } from "../../../ask.ts";
import { speak } from "../../../speak.ts";
import { changeInvoice, createInvoice } from "../../actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("editor.editTitle") };
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const path = `/invoices/${id}/edit`;
  const { say, zone, member, edge } = await enter(path);
  const invoice = await need(path, edge.v1.invoices[":id"].$get({ param: { id } }));
  const label = invoice.label ?? say("invoices.noNumber");
  return (
    <>
      <PageHead title={say("editor.editTitle")} text={label} back={{ href: `/invoices/${id}`, label }} />
      <InvoiceEditor
        shops={member.points_of_sale}
        zone={zone}
        invoice={invoice}
        create={createInvoice}
        change={changeInvoice}
      />
    </>
  );
}
