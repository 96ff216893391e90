/** An error as a report tells it: code, kind and the fields it names; nothing that a person entered. */
import { type ApiError, toWireError } from "@bookio-kit/core/api/Envelope"

/** The code and name of an error, with the fields of a code 10. */
export const describeError = (error: ApiError): string => {
  const { errorCode } = toWireError(error, "")
  const code = errorCode === undefined ? "" : `${errorCode} `
  switch (error._tag) {
    case "ValidationError":
      return `${code}ValidationError (${error.problems.map(({ field, key }) => `${field ?? "-"}: ${key}`).join(", ")})`
    case "BackendError":
    case "PermissionDenied":
    case "NoCapacityLeft":
    case "DuplicateReservation":
      return `${code}${error._tag} (${error.reason})`
    case "ResourceNotFound":
      return `${code}ResourceNotFound (${error.resource})`
    default:
      return `${code}${error._tag}`
  }
}
