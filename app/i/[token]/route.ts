// The payer's page: shows the invoice of a link, and starts a payment when its form is posted.

import { leadingPage, type Onward, type Place, paymentPage, sealedFormPage } from "../../../components/payer/pages.tsx";
import type { PayerView, StartProblem, Typed, TypedField } from "../../../components/payer/view.ts";
import { payerEdge } from "../../edge.ts";
import {
  answerNotice,
  answerPage,
  findView,
  noticeOf,
  placeOf,
  readToken,
  seeOther,
  toPayment,
} from "../invoice-link.ts";

export const dynamic = "force-dynamic";

type Params = { params: Promise<{ token: string }> };

async function show(request: Request, { params }: Params): Promise<Response> {
  const { token } = await params;
  const { searchParams } = new URL(request.url);
  const asked = searchParams.get("lang");
  const back = searchParams.get("back");
  const found = await findView(readToken(token), back);
  if (found.ok && found.returnPath) {
    // Opened through a short-lived link: there its payer goes on, and not with the invoice's own.
    const query = new URLSearchParams({ back: back ?? "", ...(asked ? { lang: asked } : {}) });
    return seeOther(`${found.returnPath}?${query}`);
  }
  if (!found.ok) return answerNotice(placeOf(request, token, asked), found.notice);
  const place = placeOf(request, token, asked, found.view);
  return answerPage(await paymentPage(found.view, place), place, { kind: "page" });
}

export const GET = show;

type Started =
  | { kind: "go"; url: string }
  | { kind: "post_form"; url: string; fields: Record<string, string> }
  | { kind: "shown" }
  | { kind: "invalid"; faults: TypedField[] }
  | { kind: "problem"; status: number; code: StartProblem };

type ProblemBody = { code?: string; errors?: { field: string }[] };

/** Only web addresses may be led to; plain ones exist in development alone. */
function webAddress(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && (url.protocol === "https:" || url.protocol === "http:") ? url : null;
}

async function start(token: string, way: string, typed: Typed, place: Place, isWarned: boolean): Promise<Started> {
  const dot = way.lastIndexOf(".");
  const answer = await payerEdge().payer[":token"].attempts.$post({
    param: { token },
    json: {
      connection_id: way.slice(0, Math.max(dot, 0)).slice(0, 40),
      method: way.slice(dot + 1).slice(0, 20),
      locale: place.language,
      email: typed.email,
      phone: typed.phone,
      is_warned: isWarned,
    },
  });
  if (answer.ok) {
    const { action } = await answer.json();
    const url = "url" in action ? webAddress(action.url) : null;
    if (url && action.kind === "go") return { kind: "go", url: url.href };
    if (url && action.kind === "post_form") return { kind: "post_form", url: url.href, fields: action.fields };
    // A code is shown by the page itself.
    if (action.kind === "show_qr") return { kind: "shown" };
    return { kind: "problem", status: 501, code: "other" };
  }
  const problem = (await (answer as Response).json().catch(() => ({}))) as ProblemBody;
  const faults = (["email", "phone"] as const).filter((name) => problem.errors?.some((one) => one.field === name));
  if (faults.length > 0) return { kind: "invalid", faults };
  return { kind: "problem", status: answer.status, code: (problem.code ?? "other") as StartProblem };
}

/** A processor that comes back by a form brings the same query as one that comes back by a link. */
export async function POST(request: Request, context: Params): Promise<Response> {
  const form = await request.formData().catch(() => new FormData());
  const field = (name: string): string => {
    const value = form.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  const way = field("way");
  if (!way) return show(request, context);
  const { token: text } = await context.params;
  const asked = field("lang");
  const token = readToken(text);
  let place = placeOf(request, text, asked);
  if (!token) return answerNotice(place, "missing");
  const typed: Typed = { email: field("email").slice(0, 254), phone: field("phone").slice(0, 32) };
  let started: Started;
  try {
    started = await start(token, way, typed, place, field("warned") === "1");
  } catch {
    return answerNotice(place, "unreachable");
  }
  if (started.kind === "shown") {
    // Seen by a GET, so that a reload shows the code and orders nothing.
    return toPayment(place);
  }
  const found = await findView(token);
  if (found.ok) place = { ...place, frames: found.view.frame_origins, brand: found.view.brand };
  const whither = found.ok ? whitherOf(found.view, way) : undefined;
  switch (started.kind) {
    case "go":
      return answerPage(await leadingPage(place, started.url, whither, isInFrame(request)), place, { kind: "still" });
    case "post_form": {
      const policy = { kind: "sealed_form", gateway: new URL(started.url).origin } as const;
      return answerPage(await sealedFormPage(place, started, whither), place, policy);
    }
    case "invalid": {
      if (!found.ok) return answerNotice(place, found.notice);
      const html = await paymentPage(found.view, place, { typed, faults: started.faults });
      return answerPage(html, place, { kind: "page" }, 422);
    }
    case "problem": {
      if (started.status === 429) return answerNotice(place, "tooMany");
      if (!found.ok) return answerNotice(place, found.notice);
      if (started.status === 404 || started.status === 410) return answerNotice(place, noticeOf(started.status));
      const html = await paymentPage(found.view, place, { typed, problem: started.code });
      return answerPage(html, place, { kind: "page" }, started.status);
    }
  }
}

/** A browser says so of a form that was posted inside a frame; ours aim at the top, but for a code that is shown here. */
function isInFrame(request: Request): boolean {
  return request.headers.get("sec-fetch-dest") === "iframe";
}

function whitherOf(view: PayerView, way: string): Onward | undefined {
  const method = view.methods.find((one) => way.startsWith(`${one.connection_id}.`));
  return method ? { view, processor: method.processor_name } : undefined;
}
