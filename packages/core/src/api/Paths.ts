/** The paths that the API is served under; apart from its definition, which is much to load for two texts. */

/** The path under which production serves the API (documented). */
export const basePath = "/public/api/v1"

/** The path of what our own server adds. */
export const extensionPath = "/ext/v1"
