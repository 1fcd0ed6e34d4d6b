// Copies a text with one click and says that it did.
"use client";

import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { useToast } from "./toast.tsx";

/** @param done what is said afterwards, @param failed what is said where the browser refuses */
export function CopyButton(props: { text: string; label: string; done: string; failed: string; isIconOnly?: boolean }) {
  const toast = useToast();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text);
      toast({ text: props.done });
    } catch {
      toast({ text: props.failed, isBad: true });
    }
  };
  return (
    <Button
      isSmall
      look={props.isIconOnly ? "quiet" : "plain"}
      aria-label={props.isIconOnly ? props.label : undefined}
      onClick={copy}
    >
      <Icon name="copy" size={16} />
      {!props.isIconOnly && props.label}
    </Button>
  );
}
