// The commands of attempts, bundled for the component that shows them.
import type { AttemptCommands } from "../../../components/merchant/attempt-commands.ts";
import { captureAttempt, lookAtAttempt, refundAttempt, releaseAttempt } from "./actions.ts";

export const attemptCommands: AttemptCommands = {
  look: lookAtAttempt,
  refund: refundAttempt,
  capture: captureAttempt,
  release: releaseAttempt,
};
