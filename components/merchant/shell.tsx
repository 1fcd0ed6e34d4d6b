// The frame of the merchant area: places on the left, or in a drawer and a bar on a phone; language, sign-out.
import Link from "next/link";
import type { ReactNode } from "react";
import { LANGUAGE_NAMES, MERCHANT_LANGUAGES } from "../../messages/languages.ts";
import { Badge } from "../ui/badge.tsx";
import { Icon } from "../ui/icon.tsx";
import type { Locale } from "./language.ts";
import { BottomBar, Nav, type Place } from "./nav.tsx";
import type { Say } from "./say.ts";

const MENU = "menu";

export function Shell(props: {
  say: Say;
  locale: Locale;
  merchantName: string;
  isTest: boolean;
  places: Place[];
  barPlaces: Place[];
  setLanguage(form: FormData): Promise<void>;
  children: ReactNode;
}) {
  const { say } = props;
  const mark = (
    <Link
      href="/invoices"
      prefetch={false}
      className="flex min-h-10 items-center gap-2.5 rounded-lg text-[1.0625rem] font-bold"
    >
      <span className="grid size-8 place-items-center rounded-[0.6rem] bg-accent text-on-accent">
        <Icon name="card" size={19} />
      </span>
      Plata
    </Link>
  );
  const foot = (
    <div className="space-y-3 border-t border-line pt-4 text-sm">
      <div className="px-3">
        <p className="font-semibold [overflow-wrap:anywhere]">{props.merchantName}</p>
        {props.isTest && (
          <p className="mt-1">
            <Badge tone="warn" icon="spark">
              {say("shell.testMode")}
            </Badge>
          </p>
        )}
      </div>
      <form action={props.setLanguage} className="flex flex-wrap items-center">
        {MERCHANT_LANGUAGES.map((locale) => (
          <button
            type="submit"
            key={locale}
            name="language"
            value={locale}
            lang={locale}
            aria-pressed={locale === props.locale}
            className={`button button-small button-quiet ${locale === props.locale ? "bg-sunken" : "text-quiet"}`}
          >
            {LANGUAGE_NAMES[locale]}
          </button>
        ))}
      </form>
      <form action="/sign-in/out" method="post" className="px-2">
        <button type="submit" className="button button-small button-quiet text-quiet">
          {say("shell.signOut")}
        </button>
      </form>
    </div>
  );
  return (
    <>
      <a
        href="#content"
        className="sr-only focus-visible:not-sr-only focus-visible:fixed focus-visible:top-3 focus-visible:left-3 focus-visible:z-50 focus-visible:rounded-lg focus-visible:bg-accent focus-visible:px-4 focus-visible:py-2 focus-visible:font-semibold focus-visible:text-on-accent"
      >
        {say("shell.skip")}
      </a>
      <div className="lg:grid lg:grid-cols-[16rem_minmax(0,1fr)]">
        <aside className="sticky top-0 hidden h-dvh flex-col gap-6 overflow-y-auto border-r border-line bg-surface px-3 py-5 lg:flex">
          <div className="px-2">{mark}</div>
          <div className="flex-1">
            <Nav label={say("shell.menu")} places={props.places} />
          </div>
          {foot}
        </aside>
        <div className="min-w-0">
          <header className="sticky top-0 z-20 flex items-center justify-between gap-3 border-b border-line bg-surface px-4 py-2 lg:hidden">
            {mark}
            <div className="flex items-center gap-2">
              {props.isTest && (
                <Badge tone="warn" icon="spark">
                  {say("shell.testMode")}
                </Badge>
              )}
              <button type="button" popoverTarget={MENU} className="button button-small">
                <Icon name="menu" size={18} />
                {say("shell.menu")}
              </button>
            </div>
          </header>
          <div
            id={MENU}
            popover="auto"
            className="fixed inset-y-0 right-0 left-auto m-0 h-dvh max-h-none w-[min(19rem,88vw)] flex-col gap-5 border-0 border-l border-line bg-surface p-4 text-ink shadow-card open:flex"
          >
            <div className="flex justify-end">
              <button
                type="button"
                popoverTarget={MENU}
                popoverTargetAction="hide"
                aria-label={say("common.close")}
                className="button button-small button-quiet"
              >
                <Icon name="close" />
              </button>
            </div>
            <div className="flex-1">
              <Nav label={say("shell.menu")} places={props.places} popover={MENU} />
            </div>
            {foot}
          </div>
          <main
            id="content"
            tabIndex={-1}
            className="mx-auto max-w-6xl px-4 pt-6 pb-28 outline-none sm:px-8 lg:pt-9 lg:pb-16"
          >
            {props.children}
          </main>
        </div>
      </div>
      <BottomBar label={say("shell.shortMenu")} places={props.barPlaces} />
    </>
  );
}
