/**
 * Prepared statements by their SQL text, the least recently used forgotten first. Two generations instead of one ordered
 * list, so that a hit is one look-up in a map: what the young generation has no room for ages as a whole, and what is
 * used again in the old one becomes young. Forgotten statements are finalized by the garbage collector.
 */

/**
 * Makes a cached form of `prepare` that holds at most `capacity` values, and among them the `capacity / 2` last used;
 * a capacity below 2 caches nothing. What `prepare` throws is not cached.
 */
export const make = <A>(capacity: number, prepare: (sql: string) => A): ((sql: string) => A) => {
  const generation = Math.floor(capacity / 2)
  if (generation === 0) return prepare
  let young = new Map<string, A>()
  let old = new Map<string, A>()
  return (sql) => {
    const hit = young.get(sql)
    if (hit !== undefined) return hit
    const value = old.get(sql) ?? prepare(sql)
    if (young.size === generation) {
      old = young
      young = new Map()
    }
    young.set(sql, value)
    return value
  }
}
