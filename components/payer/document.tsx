// The frame of every payer page: head, style, who asks for the money, language, whom to ask, and the live region.

import type { ReactNode } from "react";
import type { BrandShape } from "../../edge/http/payer-view.ts";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "../../messages/languages.ts";
import { accentsOf, brandStyle, logoPath, logoPlace } from "./brand.ts";
import { STYLE } from "./style.ts";
import type { Words } from "./words.ts";

/** A square with a check: drawn in the address, so that it costs no request. */
const favicon = ({ fill, ink }: { fill: string; ink: string }) =>
  `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%23${fill.slice(1)}'/%3E%3Cpath d='m4 8.5 2.5 2.5L12 5.5' fill='none' stroke='%23${ink.slice(1)}' stroke-width='2'/%3E%3C/svg%3E`;
const OURS = { fill: "#0b6b4f", ink: "#ffffff" };

export type Merchant = { name: string; legalName: string; taxId: string; email: string; phone: string | null };

export type Frame = {
  words: Words;
  language: Language;
  /** Address of this very link, without a query; left out where no other language can be had. */
  path?: string;
  title: string;
  merchant?: Merchant;
  /** The colour and the logo of its own. */
  brand?: BrandShape | undefined;
  /** Under the merchant's name, e.g. the shop. */
  under?: string;
  /** Address to which a page without script leads by itself. */
  leadTo?: string;
  /** Which script goes along; none when left out. */
  script?: string;
  children: ReactNode;
};

/** Addresses by which the merchant is reached, as links. */
export function Ways({ merchant, as }: { merchant: Merchant; as: "text" | "buttons" }) {
  const look = as === "text" ? "tap" : "go calm";
  return (
    <p className="ways">
      <a className={look} href={`mailto:${merchant.email}`}>
        {merchant.email}
      </a>
      {merchant.phone ? (
        <a className={look} href={`tel:${merchant.phone.replace(/[^+\d]/g, "")}`}>
          {merchant.phone}
        </a>
      ) : null}
    </p>
  );
}

/** The other languages, one press away without any script; each in its own name. */
function Languages({ label, language, path }: { label: string; language: Language; path: string }) {
  return (
    <nav aria-label={label}>
      <details className="lang">
        <summary className="tap" aria-label={`${label}: ${LANGUAGE_NAMES[language]}`}>
          {LANGUAGE_NAMES[language]}
        </summary>
        <ul>
          {LANGUAGES.map((one) => (
            <li key={one}>
              <a
                className="tap"
                href={`${path}?lang=${one}`}
                hrefLang={one}
                lang={one}
                aria-current={one === language ? "true" : undefined}
              >
                {LANGUAGE_NAMES[one]}
              </a>
            </li>
          ))}
        </ul>
      </details>
    </nav>
  );
}

/** The logo, in a place that is kept free for it: it comes when it comes, and the name stands beside it. */
function Logo({ logo }: { logo: NonNullable<BrandShape["logo"]> }) {
  return (
    // biome-ignore lint/performance/noImgElement: this document is rendered by a route, without Next's pictures.
    <img className="logo" src={logoPath(logo.hash)} alt="" {...logoPlace(logo)} decoding="async" fetchPriority="low" />
  );
}

export function PayerDocument({
  words: t,
  language,
  path,
  title,
  merchant,
  brand,
  under,
  leadTo,
  script,
  children,
}: Frame) {
  const ownStyle = brandStyle(brand?.color);
  return (
    <html lang={language}>
      {/* biome-ignore lint/style/noHeadElement: this document is rendered by a route, not by Next's pages. */}
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex,nofollow" />
        <meta name="format-detection" content="telephone=no" />
        {leadTo ? <meta httpEquiv="refresh" content={`0;url=${leadTo}`} /> : null}
        <title>{title}</title>
        {/* Nothing is painted of a document that is parsed by half: what a slow phone shows first stays where it is. */}
        <link rel="expect" href="#say" blocking="render" />
        <link rel="icon" href={favicon(brand?.color ? accentsOf(brand.color, "light") : OURS)} />
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours, allowed by its hash. */}
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: colours reckoned by us, allowed by their hash. */}
        {ownStyle ? <style dangerouslySetInnerHTML={{ __html: ownStyle }} /> : null}
      </head>
      <body>
        <header className="top">
          {merchant ? (
            <>
              {brand?.logo ? (
                <Logo logo={brand.logo} />
              ) : (
                <span className="mark" aria-hidden="true">
                  {[...merchant.name][0]?.toLocaleUpperCase(language)}
                </span>
              )}
              <p className="who">
                {merchant.name}
                {under && under !== merchant.name ? <small>{under}</small> : null}
              </p>
            </>
          ) : (
            <p className="who" />
          )}
          {path ? <Languages label={t("page.languages")} language={language} path={path} /> : null}
        </header>
        {children}
        {merchant ? (
          <footer>
            <h2>{t("page.questions")}</h2>
            <p>{t("page.askMerchant", { merchant: merchant.name })}</p>
            <Ways merchant={merchant} as="text" />
            <p>
              {merchant.legalName} · {t("page.taxId", { taxId: merchant.taxId })}
            </p>
          </footer>
        ) : null}
        <p id="say" className="hide" role="status" />
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours, allowed by its hash. */}
        {script ? <script dangerouslySetInnerHTML={{ __html: script }} /> : null}
      </body>
    </html>
  );
}
