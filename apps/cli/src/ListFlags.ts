/** The flags of a command that lists; apart from its code, so that the help loads none. */
export const listFlags = {
  limit: { kind: "count", metavar: "N", description: "The most rows to print; 50 where left out" },
  all: { kind: "boolean", description: "Print every row" }
} as const
