// What a member reads when a screen could not be made.
"use client";

import { useSay } from "../../components/merchant/use-say.ts";
import { Button } from "../../components/ui/button.tsx";
import { EmptyState } from "../../components/ui/empty-state.tsx";

export default function ScreenFault({ reset }: { error: Error; reset(): void }) {
  const say = useSay();
  return (
    <div className="card" role="alert">
      <EmptyState icon="alert" title={say("broken.title")} text={say("broken.text")}>
        <Button look="primary" onClick={reset}>
          {say("broken.again")}
        </Button>
      </EmptyState>
    </div>
  );
}
