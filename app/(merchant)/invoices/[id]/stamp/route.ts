// Whether an invoice has changed, in a few bytes: what an open page asks for again and again.
import { api } from "../../../ask.ts";
import { answerStamp } from "../../../stamp.ts";

export const dynamic = "force-dynamic";

export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerStamp(await (await api()).v1.invoices[":id"].stamp.$get({ param: { id: (await params).id } }));
}
