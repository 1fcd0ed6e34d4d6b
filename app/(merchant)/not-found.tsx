// What a member reads where nothing is.
import Link from "next/link";
import { EmptyState } from "../../components/ui/empty-state.tsx";
import { speak } from "./speak.ts";

export default async function NotFound() {
  const { say } = await speak();
  return (
    <div className="card">
      <EmptyState icon="search" title={say("notFound.title")} text={say("notFound.text")}>
        <Link href="/invoices" prefetch={false} className="button">
          {say("nav.invoices")}
        </Link>
      </EmptyState>
    </div>
  );
}
