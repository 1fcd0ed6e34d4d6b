// The frame of every page that Next renders: language of the reader, colours, nothing else.
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { speak } from "./(merchant)/speak.ts";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Plata", template: "%s · Plata" },
  robots: { index: false, follow: false },
  referrer: "same-origin",
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f5f7f6" },
    { media: "(prefers-color-scheme: dark)", color: "#0f1412" },
  ],
};

export default async function Layout({ children }: { children: ReactNode }) {
  const { locale } = await speak();
  return (
    <html lang={locale}>
      <body>{children}</body>
    </html>
  );
}
