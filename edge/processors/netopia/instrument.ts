// The masked card number as NETOPIA shows it, masked once more should it ever come whole.

/** "9****5098" as it came; a run of digits that could be a whole card keeps six and four. Undefined when empty. */
export function maskedInstrument(masked: string | undefined): string | undefined {
  const text = (masked ?? "").trim().slice(0, 64);
  if (text === "") return undefined;
  return text.replace(/\d(?:[ -]?\d){11,}/g, (run) => {
    const digits = run.replace(/\D/g, "");
    return `${digits.slice(0, 6)}****${digits.slice(-4)}`;
  });
}
