// The first page leads to the merchant's home, which asks to sign in where nobody is.
import { redirect } from "next/navigation";

export const dynamic = "force-dynamic";

export default function Page() {
  redirect("/invoices");
}
