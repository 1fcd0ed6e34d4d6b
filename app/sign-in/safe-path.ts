// Where sign-in leads to: only to paths of ours, so that a link cannot send a member elsewhere.

/** The path if it is one of ours, else the merchant's home. */
export function safePath(wanted: string | null | undefined): string {
  // Only visible ASCII: browsers drop control characters and read a backslash as a slash.
  if (!wanted || !/^\/(?![/\\])[!-[\]-~]*$/.test(wanted)) return "/invoices";
  return wanted === "/" || wanted.startsWith("/sign-in") || wanted.startsWith("/api") ? "/invoices" : wanted;
}
