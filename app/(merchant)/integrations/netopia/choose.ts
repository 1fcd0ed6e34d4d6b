// Which point of sale and which of its connections a NETOPIA screen speaks of.
import type { Connection, PointOfSale } from "../../../../components/merchant/shapes.ts";

export function chooseShop(shops: PointOfSale[], wanted: string | undefined): PointOfSale | undefined {
  return shops.find((shop) => shop.id === wanted) ?? shops[0];
}

/** NETOPIA connections of a shop, the verified first. */
export function connectionsOf(all: Connection[], shop: PointOfSale | undefined): Connection[] {
  return all
    .filter((connection) => connection.processor === "netopia" && connection.point_of_sale_id === shop?.id)
    .sort((a, b) => Number(b.status === "verified") - Number(a.status === "verified"));
}
