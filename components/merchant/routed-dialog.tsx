// A dialog that has an address: the parameter opens it, closing takes the parameter away and gives the focus back.
"use client";

import { useSearchParams } from "next/navigation";
import type { ReactNode } from "react";
import { Dialog } from "../ui/dialog.tsx";
import { useSay } from "./use-say.ts";

export function RoutedDialog(props: {
  title: string;
  text?: string;
  parameter: string;
  value: string;
  closeHref: string;
  openerId: string;
  children: ReactNode;
}) {
  const say = useSay();
  if (useSearchParams().get(props.parameter) !== props.value) return null;
  // Without asking the server again: a dialog that was closed can be opened at once.
  const close = () => window.history.replaceState(null, "", props.closeHref);
  return (
    <Dialog
      isWide
      title={props.title}
      text={props.text}
      closeLabel={say("common.close")}
      openerId={props.openerId}
      onClose={close}
    >
      {props.children}
    </Dialog>
  );
}
