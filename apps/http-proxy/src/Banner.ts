/** What the demonstration says when it is ready: where things are, and a command that works when pasted. */
import { basePath } from "@bookio-kit/core/api/BookioApi"

export const banner = (url: string): string => `
  The demonstration: three clinics, made up. Nothing here leaves this machine.

  API          ${url}${basePath}
  reference    ${url}/docs   (OpenAPI: ${url}/openapi.json)
  tokens       demo (the practice's software), demo-admin (who looks after it), demo-web (the patients' web site),
               demo-sync (a sync worker)

  Try it:

    curl -s -H "Authorization: Bearer demo" ${url}${basePath}/facilities/cgm

`
