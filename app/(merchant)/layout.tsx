// The merchant area: the frame with its places, as far as the member's rights go.
import type { ReactNode } from "react";
import { Frame } from "../../components/merchant/frame.tsx";
import type { Place } from "../../components/merchant/nav.tsx";
import { Shell } from "../../components/merchant/shell.tsx";
import { setLanguage } from "./actions.ts";
import { api, signedIn } from "./ask.ts";
import { speak } from "./speak.ts";

export const dynamic = "force-dynamic";

export default async function Layout({ children }: { children: ReactNode }) {
  const [member, { locale, say }] = await Promise.all([signedIn(), speak()]);
  // Without a member each page leads to sign-in by itself: it knows where to come back to.
  if (!member) return children;
  const can = (scope: string) => member.scopes.includes(scope);
  const waiting = can("payments:read") ? await openItems() : 0;
  const places: (Place & { scope: string })[] = [
    { href: "/invoices", label: say("nav.invoices"), icon: "invoice", scope: "invoices:read" },
    { href: "/payments", label: say("nav.payments"), icon: "bank", scope: "payments:read" },
    { href: "/holds", label: say("nav.holds"), icon: "clock", scope: "payments:read" },
    { href: "/integrations", label: say("nav.integrations"), icon: "plug", scope: "connections:read" },
    { href: "/ipns", label: say("nav.ipns"), icon: "inbox", scope: "ipns:read" },
    { href: "/attention", label: say("nav.attention"), icon: "alert", scope: "payments:read", count: waiting },
    { href: "/api-keys", label: say("nav.apiKeys"), icon: "key", scope: "keys:write" },
    { href: "/webhooks", label: say("nav.webhooks"), icon: "bell", scope: "webhooks:read" },
    { href: "/audit", label: say("nav.audit"), icon: "search", scope: "audit:read" },
    { href: "/invoice-statuses", label: say("nav.statuses"), icon: "spark", scope: "invoices:read" },
    { href: "/points-of-sale", label: say("nav.pointsOfSale"), icon: "shop", scope: "settings:read" },
    { href: "/receipts", label: say("nav.receipts"), icon: "invoice", scope: "connections:read" },
    { href: "/money-rules", label: say("nav.moneyRules"), icon: "refund", scope: "settings:read" },
    { href: "/legal-details", label: say("nav.legal"), icon: "draft", scope: "settings:read" },
  ];
  const mine = places.filter((place) => can(place.scope)).map(({ scope: _, ...place }) => place);
  const bar = mine.filter((place) => ["/invoices", "/payments", "/integrations", "/attention"].includes(place.href));
  return (
    <Frame locale={locale} zone={member.merchant.time_zone}>
      <Shell
        say={say}
        locale={locale}
        merchantName={member.merchant.name}
        isTest={member.points_of_sale.some((shop) => shop.is_test)}
        places={mine}
        barPlaces={bar}
        setLanguage={setLanguage}
      >
        {children}
      </Shell>
    </Frame>
  );
}

async function openItems(): Promise<number> {
  const response = await (await api()).v1.attention.$get();
  return response.ok ? (await response.json()).data.length : 0;
}
