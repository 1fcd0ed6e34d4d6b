// RC4 as the old envelope uses it: any key length, no bytes of the key stream dropped.

/** Encrypts or decrypts (it is the same operation). */
export function rc4(key: Uint8Array, data: Uint8Array): Buffer {
  if (key.length === 0 || key.length > 256) throw new RangeError("RC4 takes a key of 1 to 256 bytes");
  const box = Uint8Array.from({ length: 256 }, (_, i) => i);
  const at = (i: number): number => box[i & 255] ?? 0;
  const swap = (i: number, j: number): void => {
    const kept = at(i);
    box[i] = at(j);
    box[j] = kept;
  };
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  let i = 0;
  let j = 0;
  return Buffer.from(data).map((byte) => {
    i = (i + 1) & 255;
    j = (j + at(i)) & 255;
    swap(i, j);
    return byte ^ at(at(i) + at(j));
  }) as Buffer;
}
