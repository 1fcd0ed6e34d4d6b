// The form that starts a payment: where the confirmation goes, and one button per way to pay.

import { formatMoney } from "../format/money.ts";
import { Icon, signOf } from "./icons.tsx";
import type { Method, Screen, TypedField } from "./view.ts";

/** A way to pay as one form value. */
export const wayOf = (method: Pick<Method, "connection_id" | "method">) => `${method.connection_id}.${method.method}`;

function Field({ screen, name }: { screen: Screen; name: TypedField }) {
  const { words: t, view, typed, faults } = screen;
  const isBad = faults?.includes(name) ?? false;
  const isNeeded = name === "email" && view.methods.some((method) => method.needs_email);
  const known = name === "email" ? view.invoice.payer_email : view.invoice.payer_phone;
  return (
    <div className="field">
      <label htmlFor={name}>
        {t(`contact.${name}`)} <small>{t(isNeeded ? "contact.forReceipt" : "contact.optional")}</small>
      </label>
      <input
        id={name}
        name={name}
        type={name === "email" ? "email" : "tel"}
        autoComplete={name === "email" ? "email" : "tel"}
        maxLength={name === "email" ? 254 : 32}
        defaultValue={typed?.[name] ?? known ?? ""}
        aria-describedby={`${isBad ? `${name}-fault ` : ""}${name}-hint`}
        aria-invalid={isBad || undefined}
      />
      {isBad ? (
        <p className="fault" id={`${name}-fault`}>
          <span className="hide">{t("errors.prefix")} </span>
          {t(isNeeded && !typed?.email ? "errors.emailNeeded" : `errors.${name}`)}
        </p>
      ) : null}
      <p className="hint" id={`${name}-hint`}>
        {t(`contact.${name}Example`)}
      </p>
    </div>
  );
}

/** What went wrong with the form, first on the page and focused, with a way to each field. */
export function FaultSummary({ screen }: { screen: Screen }) {
  const { words: t, faults } = screen;
  if (!faults?.length) return null;
  return (
    // biome-ignore lint/a11y/noAutofocus: after a refused form the errors are what must be read first.
    <div className="box bad" role="alert" tabIndex={-1} id="faults" autoFocus>
      <strong>{t("errors.title", { count: faults.length })}</strong>
      <ul>
        {faults.map((name) => (
          <li key={name}>
            <a className="tap" href={`#${name}`}>
              {t(`contact.${name}`)}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** In a frame a payment leaves it: processors and 3-D Secure need the whole window. Elsewhere this changes nothing. */
const targetOf = ({ view }: Screen) => (view.frame_origins.length > 0 ? "_top" : undefined);

/** The words on a method's button. */
function labelOf({ words: t, view, language }: Screen, method: Method): string {
  const told = { amount: formatMoney(view.invoice.due, language), processor: method.processor_name };
  const known = NAMED.find((name) => name === method.method);
  return known ? t(`pay.${known}`, told) : t("pay.other", told);
}

const NAMED = ["card", "sbp", "t_pay", "instalments"] as const;

/** One way to pay as a button; the first one stands out. */
function WayButton({ screen, method, isFirst }: { screen: Screen; method: Method; isFirst: boolean }) {
  const { view, words: t } = screen;
  // A code is shown where the payer is.
  const target = method.method === "sbp" ? targetOf(screen) && "_self" : undefined;
  const isAgain = view.attempt?.is_lapsed_code && wayOf(view.attempt) === wayOf(method);
  return (
    <button type="submit" className={isFirst ? "go" : "go calm"} name="way" value={wayOf(method)} formTarget={target}>
      <Icon sign={signOf(method.method)} />
      <span>{isAgain ? t("scan.renew") : labelOf(screen, method)}</span>
    </button>
  );
}

/** Other ways than the code that is shown, folded away: choosing one leaves the code payable for a while. */
export function OtherWays({ screen }: { screen: Screen }) {
  const { words: t, view, language, path } = screen;
  const { attempt } = view;
  const others = view.methods.filter((method) => !attempt || wayOf(method) !== wayOf(attempt));
  if (others.length === 0) return null;
  return (
    <details className="more">
      <summary>{t("scan.other")}</summary>
      <form method="post" action={path} target={targetOf(screen)}>
        <input type="hidden" name="lang" value={language} />
        <input type="hidden" name="warned" value="1" />
        <p className="hint">{t("scan.otherHint")}</p>
        <div>
          {others.map((method) => (
            <WayButton key={wayOf(method)} screen={screen} method={method} isFirst={false} />
          ))}
        </div>
      </form>
    </details>
  );
}

/** The attempt that waits at its processor, when it can be opened again. */
export function resumable({ view }: Screen): Method | undefined {
  const { attempt } = view;
  if (!attempt?.can_resume) return undefined;
  return view.methods.find(
    (method) => method.connection_id === attempt.connection_id && method.method === attempt.method,
  );
}

const namesOf = (methods: Method[], language: string) =>
  new Intl.ListFormat(language, { type: "disjunction" }).format(new Set(methods.map((one) => one.processor_name)));

/** @param only the single way to offer, without the contact fields: the processor has them already */
export function PayForm({ screen, only }: { screen: Screen; only?: Method }) {
  const { words: t, view, language, path, problem } = screen;
  const first = only ?? resumable(screen);
  const rest = only ? [] : view.methods.filter((method) => method !== first);
  const listed = namesOf(view.methods, language);
  const troubled = rest.filter((method) => method.is_troubled);
  return (
    <form method="post" action={path} target={targetOf(screen)} noValidate>
      <input type="hidden" name="lang" value={language} />
      {problem === "other_attempt_open" ? <input type="hidden" name="warned" value="1" /> : null}
      {first ? (
        <button className="go" type="submit" name="way" value={wayOf(first)}>
          {t("pay.resume", { processor: first.processor_name })}
        </button>
      ) : (
        <fieldset>
          <legend>{t("contact.legend")}</legend>
          <p className="hint">{t("contact.hint", { processor: listed })}</p>
          <Field screen={screen} name="email" />
          <Field screen={screen} name="phone" />
        </fieldset>
      )}
      {first && rest.length > 0 ? <p className="hint">{t("payable.instead")}</p> : null}
      {rest.length > 0 ? (
        <div>
          {rest.map((method, index) => (
            <WayButton key={wayOf(method)} screen={screen} method={method} isFirst={index === 0 && !first} />
          ))}
        </div>
      ) : null}
      {troubled.length > 0 ? (
        <p className="box">{t("pay.troubled", { processor: namesOf(troubled, language) })}</p>
      ) : null}
      <p className="safe">
        <Icon sign="hand" />
        <span>
          {t("pay.leads")} {t("page.safe")}
        </span>
      </p>
    </form>
  );
}
