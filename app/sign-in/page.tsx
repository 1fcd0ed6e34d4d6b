// Sign-in with e-mail and password. What went wrong is said without telling whether the address exists.
import type { Metadata } from "next";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { Field } from "../../components/ui/field.tsx";
import { Icon } from "../../components/ui/icon.tsx";
import { Notice } from "../../components/ui/notice.tsx";
import { LANGUAGE_NAMES, MERCHANT_LANGUAGES } from "../../messages/languages.ts";
import { setLanguage } from "../(merchant)/actions.ts";
import { one, signedIn } from "../(merchant)/ask.ts";
import { speak } from "../(merchant)/speak.ts";
import { safePath } from "./safe-path.ts";

export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("signIn.title") };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function Page({ searchParams }: Props) {
  const [{ say, locale }, query] = await Promise.all([speak(), searchParams]);
  const next = safePath(one(query.next));
  const fault = one(query.fault);
  if (!fault && (await signedIn())) redirect(next);
  const typed = (await cookies()).get("plata_typed_email")?.value ?? "";
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-sm space-y-6">
        <p className="flex items-center justify-center gap-2.5 text-xl font-bold">
          <span className="grid size-10 place-items-center rounded-xl bg-accent text-on-accent">
            <Icon name="card" size={23} />
          </span>
          Plata
        </p>
        <div className="card space-y-5 p-6 sm:p-8">
          <div className="space-y-1">
            <h1 className="text-xl font-semibold">{say("signIn.title")}</h1>
            <p className="text-quiet">{say("signIn.text")}</p>
          </div>
          {fault && (
            <div role="alert">
              <Notice tone="bad">{say(fault === "busy" ? "signIn.tooMany" : "signIn.wrong")}</Notice>
            </div>
          )}
          {!fault && next !== "/invoices" && <Notice tone="info">{say("signIn.again")}</Notice>}
          <form action="/sign-in/submit" method="post" className="space-y-4">
            <input type="hidden" name="next" value={next} />
            <Field id="email" label={say("signIn.email")}>
              <input
                id="email"
                name="email"
                type="email"
                required
                autoComplete="username"
                defaultValue={typed}
                className="field"
              />
            </Field>
            <Field id="password" label={say("signIn.password")}>
              <input
                id="password"
                name="password"
                type="password"
                required
                autoComplete="current-password"
                className="field"
              />
            </Field>
            <button type="submit" className="button button-primary w-full">
              {say("signIn.submit")}
            </button>
          </form>
        </div>
        <form action={setLanguage} className="flex justify-center gap-1">
          {MERCHANT_LANGUAGES.map((language) => (
            <button
              type="submit"
              key={language}
              name="language"
              value={language}
              lang={language}
              aria-pressed={language === locale}
              className={`button button-small button-quiet ${language === locale ? "bg-sunken" : "text-quiet"}`}
            >
              {LANGUAGE_NAMES[language]}
            </button>
          ))}
        </form>
      </div>
    </main>
  );
}
