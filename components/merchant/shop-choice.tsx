// Chooses the point of sale that a screen is about, where there are several.
import type { Say } from "./say.ts";
import type { PointOfSale } from "./shapes.ts";

export function ShopChoice({ say, shops, chosen }: { say: Say; shops: PointOfSale[]; chosen: string | undefined }) {
  if (shops.length < 2) return null;
  return (
    <form className="mb-5 flex flex-wrap items-end gap-2">
      <label className="space-y-1">
        <span className="block text-sm font-semibold">{say("editor.fields.point_of_sale_id")}</span>
        <select name="pos" defaultValue={chosen} className="field w-auto">
          {shops.map((shop) => (
            <option key={shop.id} value={shop.id}>
              {shop.name}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" className="button">
        {say("common.show")}
      </button>
    </form>
  );
}
