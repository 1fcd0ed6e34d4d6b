// Stands for the sign-in library, to weigh the edge Worker's bundle without it (start.ts). Never run.
const none = (): never => {
  throw new Error("bundled without sign-in");
};
export const betterAuth = none;
export const drizzleAdapter = none;
