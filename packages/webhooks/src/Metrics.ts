/** What is counted of webhooks: attempts by how they ended. Labels name neither a webhook nor its URL. */
import type { AttemptResult } from "@bookio-kit/core/webhook/Webhook"
import * as Metric from "effect/Metric"

const attempts = Metric.counter("bookio_webhook_attempts_total", {
  description: "Attempts to deliver a message to a webhook, by how they ended",
  incremental: true
})

/** Counts an attempt. */
export const countAttempt = (result: AttemptResult) => Metric.update(Metric.withAttributes(attempts, { result }), 1)
