/** A command ends without its result; the message is for people and goes to stderr. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}
