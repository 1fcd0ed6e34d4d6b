// A dialog that has an address: closing it leads back to the list, with the focus where it was.
"use client";

import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { Dialog } from "../ui/dialog.tsx";
import { useSay } from "./use-say.ts";

export function RoutedDialog(props: {
  title: string;
  text?: string;
  closeHref: string;
  openerId: string;
  children: ReactNode;
}) {
  const router = useRouter();
  const say = useSay();
  const close = () => {
    router.replace(props.closeHref, { scroll: false });
    document.getElementById(props.openerId)?.focus();
  };
  return (
    <Dialog isWide title={props.title} text={props.text} closeLabel={say("common.close")} onClose={close}>
      {props.children}
    </Dialog>
  );
}
