/** All suites, in the order in which they run. */
import type { Suite } from "./Suite.ts"
import { commandLine } from "./suites/Cli.ts"
import { create } from "./suites/Create.ts"
import { decode } from "./suites/Decode.ts"
import { engine } from "./suites/Engine.ts"
import { get } from "./suites/Get.ts"
import { growth } from "./suites/Growth.ts"
import { list } from "./suites/List.ts"
import { proxy } from "./suites/Proxy.ts"
import { sizes } from "./suites/Sizes.ts"
import { slots } from "./suites/Slots.ts"
import { memory, start } from "./suites/Start.ts"
import { sync, syncLarge } from "./suites/Sync.ts"

export const suites: ReadonlyArray<Suite> = [
  list,
  get,
  create,
  engine,
  decode,
  slots,
  proxy,
  sync,
  syncLarge,
  commandLine,
  start,
  memory,
  growth,
  sizes
]
