// The commands of attempts and refunds, bundled for the component that shows them.
import type { AttemptCommands } from "../../../components/merchant/attempt-commands.ts";
import { captureAttempt, lookAtAttempt, refundAttempt, releaseAttempt } from "./actions.ts";
import { approveRefund, giveUpRefund, recordRefund, refuseRefund, retryRefund } from "./refund-actions.ts";

export const attemptCommands: AttemptCommands = {
  look: lookAtAttempt,
  refund: refundAttempt,
  recordRefund,
  approveRefund,
  refuseRefund,
  giveUpRefund,
  retryRefund,
  capture: captureAttempt,
  release: releaseAttempt,
};
