/** How a command ends. */

/** The exit codes with their meanings, for the help and the documentation. */
export const exitCodes: ReadonlyArray<readonly [number, string]> = [
  [0, "done"],
  [1, "failed"],
  [2, "the command line makes no sense, or a yes is missing"],
  [3, "partly done"],
  [4, "not authorised: the token is wrong, or may not do this (errorCode 20, 403)"],
  [10, "the request breaks a rule (errorCode 10)"],
  [12, "there is no such record (errorCode 12)"],
  [30, "no place is left at that time (errorCode 30)"],
  [40, "it is there already (errorCode 40)"],
  [78, "a setting or a file is wrong"],
  [130, "stopped by Ctrl-C"]
]

const ofCodes: { readonly [errorCode: number]: number } = { 10: 10, 12: 12, 30: 30, 40: 40, 20: 4, 403: 4 }

/** The exit code for an errorCode of the API. */
export const exitCodeOf = (errorCode: number | undefined): number => ofCodes[errorCode ?? 0] ?? 1
