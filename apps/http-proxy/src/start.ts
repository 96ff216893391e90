// `pnpm start`: the demonstration, unless the environment names a seed of its own.
process.env.BOOKIO_SEED ||= "demo"
await import("./main.ts")
