/** The composition that the README shows, word for word: type-checked here. */
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import * as Delivery from "@bookio-kit/webhooks/Delivery"
import * as Sender from "@bookio-kit/webhooks/Sender"
import * as Layer from "effect/Layer"

const backend = Engine.layer.pipe(Layer.provide(Database.layer({ filename: "bookio.db" })))

export const webhooks = Delivery.layer().pipe(Layer.provide([Sender.layer(), backend]))
