/** Whether a host can be reached from this machine only. */

/** 127.0.0.0/8, ::1 and `localhost` (RFC 6890, RFC 6761). */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host)
