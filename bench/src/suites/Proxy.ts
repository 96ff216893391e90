/** Goals 9 and 10: what the gateway adds between a caller and a server of the API. */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { copyOf, engineData, token } from "../Data.ts"
import { basePath, keepAnswer, loaded, serverFile, startProxy } from "../Http.ts"
import type { Server, Worker } from "../Processes.ts"
import type { Contender, Run, Suite } from "../Suite.ts"

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

// Written in parts, for it is no template: the gateway finds it in its environment.
const upstreamVariable = "$" + "{UPSTREAM_TOKEN}"

// The client key of the gateway; the upstream's token stays with the gateway.
const clientKey = "bench-client-".padEnd(43, "x")

// One process on the core of the servers, which passes on under / and answers from its cache under /cached/.
const startNginx = async (run: Run, upstream: string): Promise<Server | undefined> => {
  if (spawnSync("nginx", ["-v"]).error !== undefined) return undefined
  const folder = join(run.processes.folder, "nginx")
  mkdirSync(folder)
  const port = await freePort()
  const file = join(folder, "nginx.conf")
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit; events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/temp;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  proxy_cache_path ${folder}/cache keys_zone=pages:1m;
  keepalive_requests 1000000000; proxy_buffers 16 8k;
  upstream bookio { server ${new URL(upstream).host}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    location / { proxy_pass http://bookio; }
    location /cached/ { proxy_pass http://bookio/; proxy_cache pages; proxy_cache_valid 200 1h; }
  }
}
`
  )
  const server = run.processes.server("", {
    core: 0,
    command: "sh",
    args: ["-c", `echo "listening on http://127.0.0.1:${port}" && exec nginx -p "${folder}" -c "${file}" -e stderr`]
  })
  const started = await server
  for (let attempt = 0; attempt < 100; attempt++) {
    const answered = await fetch(`${started.url}/`).then(
      ({ ok }) => ok,
      () => false
    )
    if (answered) return started
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error("nginx does not answer")
}

const startGateway = (run: Run, upstream: string, name: string) => {
  const keys = join(run.processes.folder, `${name}-keys.json`)
  const key = {
    name: "bench",
    sha256: createHash("sha256").update(clientKey).digest("hex"),
    facilities: [1],
    access: "write",
    upstreamToken: upstreamVariable
  }
  writeFileSync(keys, JSON.stringify({ keys: [key] }))
  return startProxy(run, {
    BOOKIO_BACKEND: "remote",
    BOOKIO_BASE_URL: `${upstream}${basePath}`,
    BOOKIO_EXTENSIONS: "true",
    BOOKIO_GATEWAY_KEYS: keys,
    BOOKIO_GATEWAY_DATABASE: `sqlite:${join(run.processes.folder, `${name}.db`)}`,
    BOOKIO_GATEWAY_CONCURRENCY: "64",
    BOOKIO_GATEWAY_CACHE_ROWS: "1 hour",
    BOOKIO_REQUESTS_PER_MINUTE: "1000000",
    UPSTREAM_TOKEN: token
  })
}

const saturating = (load: Worker, server: Server, path: string, bytes: number, quick: boolean) =>
  loaded(load, server, {
    connections: 16,
    durationMs: quick ? 200 : 1_200,
    headers: { Authorization: `Bearer ${clientKey}` },
    path,
    leastBytes: bytes * 0.9
  })

export const proxy: Suite = {
  name: "proxy",
  title: "The gateway before an upstream that hands out a fixed page of 100 reservations",
  rounds: 5,
  warmUp: true,
  metrics: ["perSecond", "cpuMicros", "p50Ms", "p99Ms"],
  goals: [
    {
      number: 9,
      what: "pass-through against undici dispatch by hand",
      of: "gateway, passed through",
      to: "undici dispatch by hand",
      metric: "perSecond",
      byCpu: true,
      atLeast: 0.8
    },
    {
      number: 9,
      what: "added p50 of pass-through at 100 requests a second",
      of: "gateway, 100 a second",
      to: "upstream itself, 100 a second",
      metric: "p50Ms",
      isDifference: true,
      atMost: 0.3,
      unit: "ms"
    },
    {
      number: 10,
      what: "cache hit against nginx proxy_cache",
      of: "gateway, cache hit",
      to: "nginx proxy_cache",
      metric: "perSecond",
      byCpu: true,
      atLeast: 0.8
    }
  ],
  prepare: async (run) => {
    const data = await engineData(run.cache, run.quick ? 1_000 : 1_000_000)
    const rows = `${basePath}/reservations?facilityId=1`
    // The page is that of a real server; then its bytes are handed out as fast as can be.
    const kit = await startProxy(run, { BOOKIO_DATABASE: `sqlite:${copyOf(run.cache, data.file, "proxy.db")}` })
    const page = await keepAnswer(run, `${kit.url}${rows}&lastSync=${data.lastSyncMs}`, "upstream.json")
    await kit.stop()
    const upstream = await run.processes.server(serverFile("NodeFixed"), { core: 1, args: [page.file] })
    const varied = await run.processes.server(serverFile("NodeVaried"), { core: 1, args: [page.file] })
    const gateway = await startGateway(run, upstream.url, "gateway")
    const variedGateway = await startGateway(run, varied.url, "varied")
    const undici = await run.processes.server(serverFile("UndiciProxy"), { core: 0, args: [upstream.url] })
    const nginx = await startNginx(run, upstream.url)
    const load = await run.processes.worker("Load", 1)
    const bySync = `${rows}&lastSync=${data.lastSyncMs}`
    const full = (name: string, server: Server, path: string): Contender => ({
      name,
      measure: () => saturating(load, server, path, page.bytes, run.quick)
    })
    const steady = (name: string, server: Server): Contender => ({
      name,
      measure: () =>
        loaded(load, server, {
          connections: 16,
          durationMs: run.quick ? 300 : 1_200,
          rate: 100,
          headers: { Authorization: `Bearer ${clientKey}` },
          path: bySync,
          leastBytes: page.bytes * 0.9
        })
    })
    return {
      contenders: [
        full("gateway, passed through", gateway, bySync),
        full("gateway, passed through, another page each time", variedGateway, bySync),
        full("undici dispatch by hand", undici, bySync),
        ...(nginx === undefined ? [] : [full("nginx proxy_pass", nginx, bySync)]),
        full("gateway, cache hit", gateway, rows),
        ...(nginx === undefined ? [] : [full("nginx proxy_cache", nginx, "/cached/page")]),
        steady("gateway, 100 a second", gateway),
        steady("undici dispatch by hand, 100 a second", undici),
        steady("upstream itself, 100 a second", upstream)
      ],
      skipped: nginx === undefined ? ["nginx is not installed (`apt-get install nginx`)"] : []
    }
  }
}
