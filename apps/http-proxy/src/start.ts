// `pnpm start`: the demonstration, unless the environment names a seed of its own.
process.env.BOOKIO_SEED ||= "demo"
// Its sync asks every few seconds, and a line for each request would push away what is told at the start.
if (/^demo(:\d+)?$/.test(process.env.BOOKIO_SEED)) process.env.BOOKIO_LOG_LEVEL ||= "warn"
await import("./main.ts")
