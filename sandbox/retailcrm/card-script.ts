// The order card's only script: keeps the payment block fresh, opens the window with the link, copies, says so.
import { createHash } from "node:crypto";

export const cardScript = `
const block = document.getElementById("payments");
let last = block.dataset.version;
const isBusy = () => document.querySelector("dialog[open]") || block.contains(document.activeElement) && /^(INPUT|SELECT)$/.test(document.activeElement.tagName);
setInterval(async () => {
  if (isBusy()) return;
  try {
    const answer = await fetch(block.dataset.address);
    const version = answer.headers.get("x-version");
    const text = await answer.text();
    if (!answer.ok || version === last || isBusy()) return;
    last = version;
    block.innerHTML = text;
  } catch {}
}, 700);
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.opens) document.getElementById(button.dataset.opens).showModal();
  if (button.dataset.closes !== undefined) button.closest("dialog").close();
  if (button.dataset.copies !== undefined) {
    const dialog = button.closest("dialog");
    const field = dialog.querySelector("input");
    const said = dialog.querySelector("[role=status]");
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "The link was copied.";
    } catch {
      field.select();
      said.textContent = "Could not copy: the link is selected, press Ctrl+C.";
    }
  }
});
`;

export const cardScriptHash = createHash("sha256").update(cardScript).digest("base64");
