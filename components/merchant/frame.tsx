// What client components stand in: messages of the language and the corner for toasts.
"use client";

import type { ReactNode } from "react";
import { IntlProvider } from "use-intl";
import { ToastHost } from "../ui/toast.tsx";
import type { Locale } from "./language.ts";
import { catalogueOf } from "./say.ts";

export function Frame({ locale, zone, children }: { locale: Locale; zone: string; children: ReactNode }) {
  return (
    <IntlProvider locale={locale} messages={catalogueOf(locale)} timeZone={zone}>
      <ToastHost>{children}</ToastHost>
    </IntlProvider>
  );
}
