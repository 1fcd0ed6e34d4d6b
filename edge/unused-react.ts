// Stands in the edge Worker's bundle for React (wrangler.toml), of which the mails' formatter wants two functions for
// elements inside a text. Mails are plain text: none is ever among their values.

export const isValidElement = () => false;
export const cloneElement = (): never => {
  throw new Error("left out of the bundle: see edge/unused-react.ts");
};
