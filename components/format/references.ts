// Long ids cut into groups that an eye can follow; copied together they are still the id.

/** Groups of a reference, e.g. "att_01KAF2M1Q7" to "att_", "01KA", "F2M1", "Q7". */
export function groupReference(reference: string): string[] {
  const underscore = reference.indexOf("_") + 1;
  const groups = reference.slice(underscore).match(/.{1,4}/g) ?? [];
  return underscore > 0 ? [reference.slice(0, underscore), ...groups] : groups;
}
