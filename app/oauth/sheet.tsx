// A page of its own, outside the merchant area: one sheet with a title.
import type { ReactNode } from "react";
import { Icon } from "../../components/ui/icon.tsx";

export function Sheet({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-md space-y-6">
        <p className="flex items-center justify-center gap-2.5 text-xl font-bold">
          <span className="grid size-10 place-items-center rounded-xl bg-accent text-on-accent">
            <Icon name="card" size={23} />
          </span>
          Plata
        </p>
        <div className="card space-y-5 p-6 sm:p-8">
          <h1 className="text-xl font-semibold">{title}</h1>
          {children}
        </div>
      </div>
    </main>
  );
}
