/** Metrics of the process itself, by the names that Prometheus clients use, read whenever metrics are. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"

const gauges = [
  ["process_resident_memory_bytes", "Memory of the process in RAM", () => process.memoryUsage.rss()],
  ["process_uptime_seconds", "Time since the process was started", () => process.uptime()],
  ["nodejs_heap_size_total_bytes", "Heap that V8 has taken", () => process.memoryUsage().heapTotal],
  ["nodejs_heap_size_used_bytes", "Heap that is in use", () => process.memoryUsage().heapUsed],
  ["nodejs_external_memory_bytes", "Memory of buffers outside of the heap", () => process.memoryUsage().external]
] as const

const cpuSeconds = Metric.counter("process_cpu_seconds_total", {
  description: "Processor time used, of user and system",
  incremental: true
})

const ignore = { update: () => {}, modify: () => {} }

export const layer = Layer.effectDiscard(
  Effect.gen(function* () {
    const context = yield* Effect.context<never>()
    for (const [name, description, read] of gauges) {
      Metric.registerUnsafe(Metric.gauge(name, { description }), context, { ...ignore, get: () => ({ value: read() }) })
    }
    Metric.registerUnsafe(cpuSeconds, context, {
      ...ignore,
      get: () => {
        const { system, user } = process.cpuUsage()
        return { count: (system + user) / 1e6, incremental: true }
      }
    })
  })
)
