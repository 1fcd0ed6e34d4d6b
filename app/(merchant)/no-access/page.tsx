// What a member reads where the own role does not reach.
import { EmptyState } from "../../../components/ui/empty-state.tsx";
import { enter } from "../ask.ts";

export default async function Page() {
  const { say } = await enter("/no-access");
  return (
    <div className="card">
      <EmptyState icon="key" title={say("noAccess.title")} text={say("noAccess.text")} />
    </div>
  );
}
