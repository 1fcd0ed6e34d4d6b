// How merchants reach whoever runs this installation, from its settings; each as text and as an address with its scheme.

import type { Env } from "./env.ts";

export type SupportChannel = { channel: "email" | "telegram" | "phone"; text: string; href: string };

/** The channels that are set, in the order in which they are shown. */
export function supportChannels(
  env: Pick<Env, "SUPPORT_EMAIL" | "SUPPORT_TELEGRAM" | "SUPPORT_PHONE">,
): SupportChannel[] {
  const { SUPPORT_EMAIL: email, SUPPORT_TELEGRAM: telegram, SUPPORT_PHONE: phone } = env;
  return [
    ...(email ? [{ channel: "email" as const, text: email, href: `mailto:${email}` }] : []),
    ...(telegram ? [{ channel: "telegram" as const, text: `@${telegram}`, href: `https://t.me/${telegram}` }] : []),
    ...(phone ? [{ channel: "phone" as const, text: phone, href: `tel:${phone.replace(/[^+\d]/g, "")}` }] : []),
  ];
}
