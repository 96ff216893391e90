/** What a command was asked about is not in the journal. */
import * as Schema from "effect/Schema"

export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", {
  /** Such as "conflict". */
  what: Schema.String,
  id: Schema.String
}) {
  override get message() {
    return `there is no ${this.what} ${this.id}`
  }
}
