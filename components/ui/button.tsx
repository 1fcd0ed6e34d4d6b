// A button that runs something in the page: disabled until it can, and while it is busy.
"use client";

import type { ButtonHTMLAttributes, Ref } from "react";
import { useHydrated } from "./hydrated.ts";

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: "primary" | "danger" | "quiet" | "plain";
  isSmall?: boolean;
  isBusy?: boolean;
  ref?: Ref<HTMLButtonElement>;
};

const LOOKS = { primary: "button-primary", danger: "button-danger", quiet: "button-quiet", plain: "" };

export function Button({ look = "plain", isSmall, isBusy, disabled, className = "", type = "button", ...rest }: Props) {
  const isReady = useHydrated();
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled || isBusy || !isReady}
      aria-busy={isBusy || undefined}
      data-waits={isReady ? undefined : ""}
      className={`button ${LOOKS[look]} ${isSmall ? "button-small" : ""} ${className}`}
    />
  );
}
