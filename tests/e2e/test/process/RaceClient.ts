/**
 * A client process of the race: opens its connections, waits for the start, then sends all its requests at once. It is
 * run by `child_process.fork`; `Race.test.ts` speaks to it in `Errand` and `Report`.
 */
import { base, type Client, makeClient, type Result } from "./Support.ts"

export interface Step {
  readonly method: string
  /** Below the base path; `{id}` stands for the reservation that the step before it answered with. */
  readonly path: string
  readonly body: unknown
  /** By how much a success changes the number of confirmed reservations in the contested slot. */
  readonly delta: number
  /** What follows a success. */
  readonly after?: Step
}

export interface Errand {
  readonly url: string
  readonly sockets: number
  readonly steps: ReadonlyArray<Step>
}

export interface Outcome {
  readonly status: number
  readonly delta: number
  readonly result: Result
}

export type Report = { readonly ready: true } | { readonly outcomes: ReadonlyArray<Outcome> }

const tell = (report: Report) => process.send?.(report)

const run = async ({ sockets, steps, url }: Errand) => {
  const client = makeClient(url, "cgm", sockets)
  // What follows a success does not queue behind what has not been sent yet.
  const express = makeClient(url, "cgm", sockets)
  await Promise.all(Array.from({ length: sockets }, () => client.send("GET", "/healthz")))
  const started = new Promise((resolve) => process.once("message", resolve))
  tell({ ready: true })
  await started
  const outcomes: Array<Outcome> = []
  const take = async (via: Client, step: Step, id: number): Promise<void> => {
    const { result, status } = await via.send(step.method, base + step.path.replace("{id}", String(id)), step.body)
    outcomes.push({ status, delta: step.delta, result })
    if (result.success && step.after !== undefined) await take(express, step.after, result.data?.reservationId ?? id)
  }
  await Promise.all(steps.map((step) => take(client, step, 0)))
  client.close()
  express.close()
  tell({ outcomes })
}

process.once("message", (errand: Errand) => {
  void run(errand).then(() => process.disconnect())
})
