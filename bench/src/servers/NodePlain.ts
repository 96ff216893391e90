/** node:http with one line of an answer: what a server costs before it does anything. */
import { createServer } from "node:http"
import { listen } from "./Listen.ts"

listen(createServer((_, response) => response.end("{}")))
